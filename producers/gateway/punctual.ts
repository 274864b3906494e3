import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

/** How much the last lateness counts in their average. */
const weight = 0.1;

/**
 * Gives a pause that ends on time on average. A timer is good to a millisecond, and late under load, which would tell an
 * answer that waited from one that worked: the last millisecond is spent turning the event loop, and what pauses were
 * late of late is taken off the next.
 */
export function punctual(
  nowMs: () => number,
  timer: (lengthMs: number) => Promise<void> = sleep,
): (lengthMs: number) => Promise<void> {
  let latenessMs = 0;
  return async (lengthMs) => {
    const dueAtMs = nowMs() + lengthMs - latenessMs;
    const timerMs = Math.floor(dueAtMs - nowMs() - 1);
    if (timerMs > 0) await timer(timerMs);
    while (nowMs() < dueAtMs) await turn();
    latenessMs += weight * (nowMs() - dueAtMs - latenessMs);
  };
}
