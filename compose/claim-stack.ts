import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { choosePorts, isPortFree } from "./choose-ports.js";
import type { Paths } from "./paths.js";
import { conditionOf } from "./process-identity.js";
import { settings } from "./settings.js";
import { portNames } from "./stack-parts.js";
import { readStackState, updateStackState } from "./stack-state.js";
import type { StackState } from "./stack-state.js";
import { withLock } from "./with-lock.js";

/** What a stack shall be; what is left out stays as it was, or takes its default in a new stack. */
export type StackWish = {
  readonly brokers: number | undefined;
  readonly prefix: string;
  readonly ttlMonitorSleepSeconds: number | undefined;
  readonly objectStore: "s3" | "folder";
  readonly services: readonly string[];
};

/**
 * Writes down the shape and the ports of a stack before anything of it runs. Ports once recorded stay; where another
 * program has taken one meanwhile and the stack is down, a new one is chosen. Throws when the wish contradicts data
 * that the stack already has.
 */
export async function claimStack(paths: Paths, directory: string, wish: StackWish): Promise<StackState> {
  return withLock(join(paths.state, "ports.lock"), async () => {
    const present = await readStackState(directory);
    const brokers = agreedBrokers(present, wish.brokers);
    const ports = await choosePorts({
      names: portNames({ brokers, services: wish.services }),
      recorded: await keptPorts(present),
      taken: await portsOfOtherStacks(paths, directory),
      startAt: preferredPort(directory),
    });
    return updateStackState(directory, (state) => ({
      version: 1,
      brokers,
      objectStore: state?.objectStore ?? wish.objectStore,
      prefix: wish.prefix,
      ttlMonitorSleepSeconds: wish.ttlMonitorSleepSeconds ?? state?.ttlMonitorSleepSeconds ?? null,
      ports,
      parts: state?.parts ?? {},
    }));
  });
}

function agreedBrokers(present: StackState | null, wished: number | undefined): number {
  if (present === null) return wished ?? 1;
  if (wished === undefined || wished === present.brokers) return present.brokers;
  throw new Error(
    `the stack has data of ${present.brokers} broker(s), not ${wished}: purge it, or take another name`,
  );
}

async function keptPorts(present: StackState | null): Promise<Record<string, number>> {
  if (present === null) return {};
  const conditions = await Promise.all(
    Object.entries(present.parts).map(async ([name, { process }]) => ({
      name,
      runs: process !== null && (await conditionOf(process)) !== "gone",
    })),
  );
  const running = new Set(conditions.filter(({ runs }) => runs).map(({ name }) => name));
  const kept: Record<string, number> = {};
  for (const [name, port] of Object.entries(present.ports)) {
    if (running.has(name.replace(/-(controller|api)$/, "")) || (await isPortFree(port))) kept[name] = port;
    else if (running.size > 0) throw new Error(takenText(name, port));
  }
  return kept;
}

// The other parts know this port already, so it can't change under them.
function takenText(name: string, port: number): string {
  return `another program listens on port ${port} of ${name}: end that, or take the stack down and up again`;
}

async function portsOfOtherStacks(paths: Paths, directory: string): Promise<Set<number>> {
  const stacks = join(paths.state, "stacks");
  const folders = (await readdir(stacks).catch(() => [])).map((name) => join(stacks, name));
  const others = folders.filter((folder) => folder !== directory);
  // Another stack's broken file is for its own commands to report.
  const states = await Promise.all(others.map((folder) => readStackState(folder).catch(() => null)));
  return new Set(states.flatMap((state) => Object.values(state?.ports ?? {})));
}

// Derived from the folder, so that stacks of several checkouts keep apart and a stack made anew gets its ports again.
function preferredPort(directory: string): number {
  const { portMin, portMax } = settings;
  const hash = createHash("sha256").update(directory).digest().readUInt32BE(0);
  return portMin + (hash % (portMax - portMin + 1));
}
