import { setTimeout as sleep } from "node:timers/promises";
import type { PartHandle } from "../../compose/part-handle.js";
import type { ShiftedClock } from "../hard-places/preloaded.js";
import type { Finding } from "./finding.js";
import type { HarmableStack } from "./harmable-stack.js";
import { isPart, type DiskTarget, type Harm, type OwnTarget, type PartTarget } from "./schedule.js";
import type { SlowWay } from "./slow-way.js";
import type { Supervisor } from "./supervisor.js";

/** Whom harms reach: processes of one deployment, and the parts of the stack. */
export interface Victims {
  readonly supervisor: Supervisor;
  /** What the deployment's processes are given. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent where the stack is shared with others. */
  readonly stack: HarmableStack | undefined;
  readonly wayToMongodb: SlowWay;
  /** Of those processes whose clocks jump. */
  readonly clocks: ReadonlyMap<OwnTarget, ShiftedClock>;
}

type Undo = () => void | Promise<void>;

const startsMax = 3;

/** Does every harm at its time and undoes it after its while; gives those that could not be done. */
export async function doHarm(victims: Victims, harms: readonly Harm[]): Promise<readonly Harm[]> {
  const left = harms.map(async (harm) => {
    await sleep(harm.atMs);
    const undo = await begin(victims, harm);
    if (undo === undefined) return [harm];
    await sleep(harm.forMs);
    await undo();
    return [];
  });
  // Where one fails, the others are under way.
  await Promise.allSettled(left);
  return (await Promise.all(left)).flat();
}

/** Makes room on every disk, and every part of the stack run and be healthy; says which would not. */
export async function heal({ stack }: Victims): Promise<readonly Finding[]> {
  if (stack === undefined) return [];
  for (const disk of stack.disks?.values() ?? []) await disk.clear();
  const findings = await Promise.all(
    stack.names.map((name) =>
      startStubbornly(stack.part(name)).then(
        () => [],
        (error: unknown): Finding[] => [{ reason: "not_healed", detail: `${name}: ${String(error)}` }],
      ),
    ),
  );
  return findings.flat();
}

/** Undefined where the harm can't be done. */
async function begin(victims: Victims, harm: Harm): Promise<Undo | undefined> {
  switch (harm.kind) {
    case "kill":
    case "freeze":
      return isPart(harm.target)
        ? harmPart(victims, harm.target, harm.kind)
        : harmOwn(victims, harm.target, harm.kind);
    case "jump":
      return jump(victims, harm.target, harm.bySeconds);
    case "slow":
      victims.wayToMongodb.delay(harm.delayMs);
      return () => {
        victims.wayToMongodb.delay(0);
      };
    case "fill":
      return fillDisk(victims, harm.target);
  }
}

async function harmOwn({ supervisor }: Victims, name: OwnTarget, kind: "kill" | "freeze"): Promise<Undo> {
  if (kind === "kill") await supervisor.kill(name);
  else await supervisor.freeze(name);
  return () => (kind === "kill" ? supervisor.revive(name) : supervisor.wake(name));
}

async function harmPart(
  victims: Victims,
  target: PartTarget,
  kind: "kill" | "freeze",
): Promise<Undo | undefined> {
  const stack = ownStack(victims, target);
  const name = await stack.nameOf(target, victims.env);
  // One that a harm before has not brought back yet has nothing left to harm.
  if (name === undefined || (await stack.part(name).condition()) !== "running") return undefined;
  const part = stack.part(name);
  await (kind === "kill" ? part.kill() : part.pause());
  return () => bringBack(part);
}

function jump({ clocks }: Victims, name: OwnTarget, bySeconds: number): Undo {
  const clock = clocks.get(name);
  if (clock === undefined) throw new Error(`${name} was not started with a clock that can jump`);
  clock.shift(bySeconds);
  return () => {
    clock.shift(0);
  };
}

async function fillDisk(victims: Victims, target: DiskTarget): Promise<Undo | undefined> {
  const stack = ownStack(victims, target);
  const disk = stack.disks?.get(target);
  if (disk === undefined) return undefined;
  await disk.fill();
  return async () => {
    await disk.clear();
    await bringBack(stack.part(target));
  };
}

async function bringBack(part: PartHandle): Promise<void> {
  await startStubbornly(part).catch(() => undefined);
}

/** A part may fail to start because another one is away; that one comes back meanwhile. */
async function startStubbornly(part: PartHandle): Promise<void> {
  for (let start = 1; ; start++) {
    try {
      await part.start();
      return;
    } catch (error) {
      if (start === startsMax) throw error;
      await sleep(1000);
    }
  }
}

function ownStack({ stack }: Victims, target: string): HarmableStack {
  if (stack === undefined) throw new Error(`${target} is shared with others and may not be harmed`);
  return stack;
}
