import type { Part } from "./part.js";
import type { Env } from "./paths.js";
import { conditionOf } from "./process-identity.js";
import type { ProcessCondition, ProcessIdentity } from "./process-identity.js";
import { stopRecorded } from "./shut-down.js";
import { readStackState } from "./stack-state.js";
import { startPart } from "./start-part.js";
import type { StartOutcome } from "./start-part.js";
import { killProcess, signalProcess } from "./supervise.js";

/** One process of a stack, to be ended, frozen and started at will: fault tests do this. */
export type PartHandle = {
  readonly name: string;
  /** Loopback ports by purpose; `http` for a service. */
  readonly ports: Readonly<Record<string, number>>;
  /** Starts it where it is not running, wakes it where it is frozen, and waits until it is healthy. */
  readonly start: () => Promise<StartOutcome>;
  /** SIGTERM, then SIGKILL when it takes too long. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly pause: () => Promise<void>;
  /** SIGCONT; does not wait for health. */
  readonly resume: () => Promise<void>;
  readonly condition: () => Promise<ProcessCondition>;
};

/** The handle of a part of the stack in this folder. */
export function partHandle(directory: string, part: Part, env: Env): PartHandle {
  const record = async () => (await readStackState(directory))?.parts[part.name] ?? null;
  const identity = async (): Promise<ProcessIdentity> => {
    const recorded = (await record())?.process ?? null;
    if (recorded === null) throw new Error(`${part.name} is not started`);
    return recorded;
  };
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    if (!(await signalProcess(await identity(), name))) throw new Error(`${part.name} is not running`);
  };
  return {
    name: part.name,
    ports: part.ports,
    start: () => startPart(directory, part, env),
    stop: async () => {
      const recorded = await record();
      if (recorded !== null) await stopRecorded(directory, part.name, recorded);
    },
    kill: async () => killProcess(await identity()),
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    condition: async () => {
      const recorded = (await record())?.process ?? null;
      return recorded === null ? "gone" : conditionOf(recorded);
    },
  };
}
