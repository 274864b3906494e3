/** The year 10000: times from then on are no dates that anything could tell or compare. */
const timeSecondsMax = 253_402_300_800;

/** Whether a record can have this time (Unix seconds). */
export function isSoundTime(seconds: number): boolean {
  return seconds >= 0 && seconds < timeSecondsMax;
}
