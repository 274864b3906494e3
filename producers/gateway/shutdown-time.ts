import { NeedsOperator } from "../../shared/process/outcomes.js";

export interface ShutdownSettings {
  readonly unreadySeconds: number;
  readonly answerSecondsMax: number;
  readonly stopSecondsMax: number;
}

/** How long a gateway that takes nothing new waits for its requests: by then every publish under way has its answer. */
export function graceSecondsOf({ answerSecondsMax }: Pick<ShutdownSettings, "answerSecondsMax">): number {
  return answerSecondsMax + 1;
}

/** @throws {NeedsOperator} for a delay after which the process would be ended in the midst of publishes. */
export function refuseLongDelay(settings: ShutdownSettings): void {
  const { unreadySeconds, stopSecondsMax } = settings;
  const stopSecondsMin = unreadySeconds + graceSecondsOf(settings);
  if (unreadySeconds === 0 || stopSecondsMax >= stopSecondsMin) return;
  throw new NeedsOperator(
    `SHUTDOWN_TIMEOUT is ${stopSecondsMax} s: with a SHUTDOWN_DELAY of ${unreadySeconds} s publishes under way would be cut. Set it to ${stopSecondsMin}s or more (the delay, PUBLISH_TIMEOUT and a second), or the delay to less.`,
  );
}
