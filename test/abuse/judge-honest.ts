import type { HonestResult } from "./honest-crowd.js";

export interface HonestExpectation {
  /** Phones that asked. */
  readonly phones: number;
  /** The abusers take connections and time, but not what publishes need: honest phones have to be served. */
  readonly isCapacityLeft: boolean;
}

const p99SecondsMax = 1;
/** Of phones that never try again, and ask where capacity is left; the others were told when to come again. */
const servedShareMin = 0.5;

/** What honest phones have to complain about; nothing if all is well. */
export function judgeHonest(
  { statuses, p99Seconds, offences }: HonestResult,
  { phones, isCapacityLeft }: HonestExpectation,
): readonly string[] {
  const answered = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const served = statuses[200] ?? 0;
  const complaints = [...offences];
  if (answered < phones) complaints.push(`${answered} of ${phones} phones came to an end`);
  if (isCapacityLeft && served < phones * servedShareMin)
    complaints.push(`${served} of ${phones} phones were served`);
  if (p99Seconds !== undefined && !(p99Seconds < p99SecondsMax)) complaints.push(`p99 ${p99Seconds} s`);
  return complaints;
}
