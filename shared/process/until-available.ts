import type { Log } from "./log.js";
import { NeedsOperator } from "./outcomes.js";

const retryPauseMs = 1000;

/** Tries until it succeeds; only what needs an operator is thrown. Used at start-up, where anything may not be up yet. */
export async function untilAvailable<Result>(
  what: string,
  log: Log,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof NeedsOperator) throw error;
      log.warn({ what, error }, "not available yet, trying again");
      await new Promise((resolve) => setTimeout(resolve, retryPauseMs));
    }
  }
}
