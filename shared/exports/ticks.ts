/** How far a tick's boundary may lie ahead of the time at which the broker appended it. */
export const TICK_AHEAD_SECONDS_MAX = 5;

/** A tick as it was read from a partition. */
export interface Tick {
  /** The boundary T that the tick closes (Unix seconds). */
  readonly boundarySeconds: number;
  /** The record's LogAppendTime (Unix seconds, fractions allowed). */
  readonly appendedAtSeconds: number;
}

/** A valid tick and its place in the partition. */
export interface TickPosition {
  readonly boundarySeconds: number;
  readonly offset: number;
}

export type TickVerdict =
  | { readonly kind: "valid"; readonly lastBoundarySeconds: number }
  | {
      readonly kind: "ignored";
      readonly reason: "ahead-of-time" | "not-later";
      readonly lastBoundarySeconds: number | undefined;
    };

/**
 * Decides on the next tick of a partition, given the boundary of the last valid one before it. In each partition the
 * boundaries of the valid ticks rise strictly, so that the first tick for T wins and several clocks do no harm; and a
 * tick for a time that had not come, from a clock that had jumped ahead, closes nothing.
 *
 * Either way the verdict carries the last boundary to go on with.
 */
export function foldTick(lastBoundarySeconds: number | undefined, tick: Tick): TickVerdict {
  if (tick.boundarySeconds > tick.appendedAtSeconds + TICK_AHEAD_SECONDS_MAX)
    return { kind: "ignored", reason: "ahead-of-time", lastBoundarySeconds };
  if (lastBoundarySeconds !== undefined && tick.boundarySeconds <= lastBoundarySeconds)
    return { kind: "ignored", reason: "not-later", lastBoundarySeconds };
  return { kind: "valid", lastBoundarySeconds: tick.boundarySeconds };
}

/** The valid ones among the ticks of a partition, given in the order of the log. */
export function validTicks<T extends Tick>(ticks: Iterable<T>): T[] {
  const valid: T[] = [];
  let lastBoundarySeconds: number | undefined;
  for (const tick of ticks) {
    const verdict = foldTick(lastBoundarySeconds, tick);
    if (verdict.kind === "valid") valid.push(tick);
    lastBoundarySeconds = verdict.lastBoundarySeconds;
  }
  return valid;
}

export type BoundaryPosition =
  | { readonly kind: "at"; readonly offset: number }
  | { readonly kind: "not-yet" }
  | { readonly kind: "expired" };

/**
 * Where a boundary lies in a partition: records below the offset come before it, records from the offset on after it.
 *
 * It is the offset of the first valid tick for that boundary or a later one, so that a tick that was never written
 * moves records into an earlier window, but loses none. Two cases stand apart:
 *
 * - The partition's very first tick is for a later boundary: the partition did not exist at the time, and all that it
 *   holds came after it. The position is the start of the log. Otherwise the records before the first tick of a new
 *   partition would be in no window.
 * - Retention has eaten the start of the log, and what is left does not begin before the boundary: `expired`, for where
 *   the boundary was can't be known any more.
 *
 * @param ticks the partition's valid ticks from the start of its log, in the order of the log.
 * @param logStartOffset the first offset that retention has left; 0 when nothing was deleted.
 */
export function boundaryPosition(
  boundarySeconds: number,
  ticks: readonly TickPosition[],
  logStartOffset: number,
): BoundaryPosition {
  const index = ticks.findIndex((tick) => tick.boundarySeconds >= boundarySeconds);
  const tick = ticks[index];
  if (tick === undefined) return { kind: "not-yet" };
  if (index > 0) return { kind: "at", offset: tick.offset };
  if (logStartOffset > 0) return { kind: "expired" };
  return { kind: "at", offset: tick.boundarySeconds === boundarySeconds ? tick.offset : 0 };
}
