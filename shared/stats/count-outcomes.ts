import { isSoundTime } from "../records/sound-time.js";
import type { AcceptedRecord } from "../topology.js";
import {
  noCounts,
  oldestTekEntries,
  onsetAgeEntries,
  platforms,
  sumOfCounts,
  type Counts,
  type HourCounts,
} from "./counts.js";

/** What became of one submission, as keys.accepted tells it. */
export type Outcome = AcceptedRecord["outcomes"][number];

/** Why the outcomes of a record can't be counted. */
export type OutcomeReason = "bad_outcome_time";

export const hourSeconds = 3600;

/** Why the outcomes can't be counted; undefined if they can. */
export function checkOutcomes(outcomes: readonly Outcome[]): OutcomeReason | undefined {
  return outcomes.every(({ receivedWindowSeconds }) => isSoundTime(receivedWindowSeconds ?? 0))
    ? undefined
    : "bad_outcome_time";
}

/**
 * Outcomes as counts by health authority and hour, in no order. Submissions without a health authority, whose app may
 * do without a certificate, are nobody's and not counted.
 */
export function countOutcomes(outcomes: readonly Outcome[]): readonly HourCounts[] {
  const hours = new Map<string, HourCounts>();
  for (const outcome of outcomes) {
    const healthAuthorityId = outcome.healthAuthorityId ?? "";
    if (healthAuthorityId === "") continue;
    const hour = hourOf(outcome.receivedWindowSeconds ?? 0);
    const key = `${hour}/${healthAuthorityId}`;
    const sum = sumOfCounts(hours.get(key) ?? noCounts, countsOf(outcome));
    hours.set(key, { healthAuthorityId, hourSeconds: hour, ...sum });
  }
  return [...hours.values()];
}

/** The beginning of the hour that a time lies in. */
export function hourOf(seconds: number): number {
  return Math.floor(seconds / hourSeconds) * hourSeconds;
}

/** A request that revised a key counts for nothing but publishes, keys and revisions (facts, §3.7). */
function countsOf(outcome: Outcome): Counts {
  const [inserted, revised] = [outcome.inserted ?? 0, outcome.revised ?? 0];
  const counts = {
    ...noCounts,
    publish: oneAt(platforms, isPlatform(outcome.platform) ? outcome.platform : 0),
    teks: inserted + revised,
  };
  if (revised > 0) return { ...counts, revisions: 1 };
  const isMissing = outcome.missingOnset ?? false;
  return {
    ...counts,
    oldestTekDays: oneAt(oldestTekEntries, outcome.oldestTekDays ?? 0),
    onsetAgeDays: isMissing ? noCounts.onsetAgeDays : oneAt(onsetAgeEntries, outcome.onsetToUploadDays ?? 0),
    missingOnset: isMissing ? 1 : 0,
  };
}

/** A platform that a later version may know is unknown to this one. */
function isPlatform(platform: number | null | undefined): platform is number {
  return typeof platform === "number" && platform >= 0 && platform < platforms;
}

function oneAt(entries: number, index: number): readonly number[] {
  const at = Math.min(index, entries - 1);
  return Array.from({ length: entries }, (_, entry) => (entry === at ? 1 : 0));
}
