import { Registry } from "prom-client";
import type { Log } from "./log.js";
import { Readiness } from "./readiness.js";

/** What a process is started with. */
export interface ProcessContext<Settings> {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Registry;
  readonly readiness: Readiness;
  /** Registers what has to be stopped; stopped in reverse order. Gives it back, so that it can be used at once. */
  own<Part extends { stop(): Promise<void> }>(part: Part): Part;
  /** Ends the process: exit code 1, and the supervisor starts it anew. */
  crash(error: unknown): void;
}

/**
 * A context with nothing started yet, and `stop`, which stops whatever was registered with it. It knows neither signals
 * nor exit codes: `runProcess` adds these, and a test that starts a process in its own does without.
 */
export function openContext<Settings>(given: {
  readonly settings: Settings;
  readonly log: Log;
  readonly crash: (error: unknown) => void;
}): { readonly context: ProcessContext<Settings>; readonly stop: () => Promise<void> } {
  const parts: { stop(): Promise<void> }[] = [];
  const context: ProcessContext<Settings> = {
    ...given,
    metrics: new Registry(),
    readiness: new Readiness(),
    own(part) {
      parts.push(part);
      return part;
    },
  };
  const stop = async (): Promise<void> => {
    // Before anything stops, so that whoever asks sends nothing new here.
    context.readiness.set("running", false);
    for (const part of parts.splice(0).toReversed()) {
      await part.stop().catch((error: unknown) => {
        given.log.warn({ error }, "a part did not stop cleanly");
      });
    }
  };
  return { context, stop };
}
