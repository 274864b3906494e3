import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

/** How much the last lateness counts in the usual one, and how much of it at most. */
const weight = 0.1;
const surpriseMsMax = 5;

/**
 * Gives a pause that is usually on time. A timer is good to a millisecond, and late under load, which would tell an
 * answer that waited from one that worked: the last millisecond is spent turning the event loop, and what pauses usually
 * are late is taken off the next. A single long stall is not usual: it must not make all that follow too early.
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
    const surpriseMs = nowMs() - dueAtMs - latenessMs;
    latenessMs += weight * Math.max(-surpriseMsMax, Math.min(surpriseMsMax, surpriseMs));
  };
}
