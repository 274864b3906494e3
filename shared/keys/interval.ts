/** Seconds in an interval, the unit in which TEKs count time (reference server facts, §2.1). */
export const intervalSeconds = 600;

/** Intervals in a UTC day. */
export const intervalsPerDay = 144;

const yearOneToEpochSeconds = 62_135_596_800;

/** The interval that holds a time (unix seconds): an int32, counted from the Unix epoch. */
export function intervalNumber(unixSeconds: number): number {
  return Math.floor(unixSeconds / intervalSeconds) | 0;
}

/** The first second (unix) of an interval. */
export function intervalStartSeconds(interval: number): number {
  return interval * intervalSeconds;
}

/** Whole UTC days from the day of interval `a` to the day of interval `b`; negative if `b` is on an earlier day. */
export function daysBetween(a: number, b: number): number {
  return Math.floor(b / intervalsPerDay) - Math.floor(a / intervalsPerDay);
}

/**
 * A time (unix seconds) rounded down to a multiple of the window. Multiples count from year 1, which for windows that
 * divide a day is the same as from the epoch (reference server facts, §2.1).
 */
export function truncate(seconds: number, windowSeconds: number): number {
  const whole = Math.floor(seconds);
  return whole - ((whole + yearOneToEpochSeconds) % windowSeconds);
}
