import { setTimeout as sleep } from "node:timers/promises";
import type { PartHandle } from "../../compose/part-handle.js";
import type { Finding } from "./finding.js";
import { partTargets, type Harm, type PartTarget } from "./schedule.js";
import type { Supervisor } from "./supervisor.js";

/** Whom harms reach: processes of ours through their supervisor, and parts of the stack by their handles. */
export interface Victims {
  readonly supervisor: Supervisor;
  /** Absent where the stack is shared with others. */
  readonly part?: ((name: string) => PartHandle) | undefined;
}

const startsMax = 3;

/** Does every harm at its time and undoes it after its while. */
export async function doHarm(victims: Victims, harms: readonly Harm[]): Promise<void> {
  await Promise.all(
    harms.map(async (harm) => {
      await sleep(harm.atMs);
      await begin(victims, harm);
      await sleep(harm.forMs);
      await end(victims, harm);
    }),
  );
}

/** Makes every part of the stack run and be healthy; says which would not. */
export async function heal({ part }: Victims): Promise<readonly Finding[]> {
  if (part === undefined) return [];
  const findings = await Promise.all(
    partTargets.map((name) =>
      startStubbornly(part(name)).then(
        () => [],
        (error: unknown): Finding[] => [{ reason: "not_healed", detail: `${name}: ${String(error)}` }],
      ),
    ),
  );
  return findings.flat();
}

async function begin({ supervisor, part }: Victims, { target, kind }: Harm): Promise<void> {
  if (!isPart(target)) return kind === "kill" ? supervisor.kill(target) : supervisor.freeze(target);
  const handle = handleOf(part, target);
  // One that a harm before has not brought back yet has nothing left to harm.
  if ((await handle.condition()) !== "running") return;
  await (kind === "kill" ? handle.kill() : handle.pause());
}

async function end({ supervisor, part }: Victims, { target, kind }: Harm): Promise<void> {
  if (isPart(target)) await startStubbornly(handleOf(part, target)).catch(() => undefined);
  else if (kind === "kill") supervisor.revive(target);
  else await supervisor.wake(target);
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

function handleOf(part: Victims["part"], name: string): PartHandle {
  if (part === undefined) throw new Error(`${name} is shared with others and may not be harmed`);
  return part(name);
}

function isPart(name: string): name is PartTarget {
  return partTargets.some((part) => part === name);
}
