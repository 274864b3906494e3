/** How far a tick's boundary may lie ahead of the time at which the broker appended it. */
export const TICK_AHEAD_SECONDS_MAX = 5;

/** A tick as it was read from a partition. */
export interface Tick {
  /** The boundary T that the tick closes (Unix seconds). */
  readonly boundarySeconds: number;
  /** The record's LogAppendTime (Unix seconds, fractions allowed). */
  readonly appendedAtSeconds: number;
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
