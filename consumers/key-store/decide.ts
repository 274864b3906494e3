import { tekId } from "../../shared/keys/admission.js";
import { revise } from "../../shared/keys/revise.js";
import { insertedBy } from "../../shared/keys/submission-identity.js";
import type { LogPosition } from "../../shared/keys/token-content.js";
import type { PlacedKey, PlacedRevision } from "../../shared/records/placed-key.js";
import type { Accepted } from "../../shared/topology.js";
import type { Submission, SubmittedKey } from "./submission.js";

// Who decides: the gateway answered for the whole request; here each key is decided on its own, in the order of the
// log. The first writer of a TEK wins, and who loses a race loses just that key. The same record handled again finds
// its own work by the position stored with it, and decides the same.

export type Outcome = NonNullable<Accepted["outcomes"]>[number];

export interface Decisions {
  readonly inserted: readonly PlacedKey[];
  readonly revised: readonly PlacedKey[];
  readonly outcomes: readonly Outcome[];
}

/** What becomes of one key of a submission. */
export type KeyFate = "inserted" | "revised" | "withheld" | "unchanged" | "lost";

/**
 * Decides submissions in their order. `stored` holds, by `tekId`, every key of theirs that the view has now, their own
 * new ones among them; it is brought up to date with the revisions on the way.
 */
export function decide(submissions: readonly Submission[], stored: Map<string, PlacedKey>): Decisions {
  const inserted: PlacedKey[] = [];
  const revised: PlacedKey[] = [];
  const outcomes: Outcome[] = [];
  for (const submission of submissions) {
    const fates = submission.keys.map((key): KeyFate => {
      const { fate, result } = decideKey(submission, key, stored.get(tekId(key.candidate.tek)));
      if (result !== undefined) {
        stored.set(tekId(result.tek), result);
        if (fate === "inserted") inserted.push(withoutRevision(result));
        else revised.push(result);
      }
      return fate;
    });
    const outcome = outcomeOf(submission, fates);
    if (outcome !== undefined) outcomes.push(outcome);
  }
  return { inserted, revised, outcomes };
}

function decideKey(
  submission: Submission,
  key: SubmittedKey,
  stored: PlacedKey | undefined,
): { fate: KeyFate; result?: PlacedKey } {
  if (stored === undefined || isLater(stored.insertedAt, submission.at))
    return { fate: key.candidate.reportType === "negative" ? "withheld" : "lost" };
  if (isSame(stored.insertedAt, submission.at)) return { fate: "inserted", result: stored };
  if (stored.revision !== undefined && isSame(stored.revision.revisedAt, submission.at)) {
    return { fate: "revised", result: stored };
  }
  // What a repeated request may revise it has revised the first time.
  if (submission.isRepeat || !mayRevise(submission, key, stored)) return { fate: "lost" };
  const { reportType, transmissionRisk, daysSinceOnset, healthAuthorityId } = key.candidate;
  const verdict = revise(stored, {
    reportType,
    transmissionRisk,
    // A key that is still held back is not revised before it is created.
    createdAtSeconds: Math.max(key.candidate.createdAtSeconds, stored.createdAtSeconds),
    revisedBy: insertedBy(submission.identity, stored.tek),
    ...(daysSinceOnset === undefined ? {} : { daysSinceOnset }),
    ...(healthAuthorityId === undefined ? {} : { healthAuthorityId }),
  });
  if (verdict.kind !== "revised") return { fate: verdict.kind === "unchanged" ? "unchanged" : "lost" };
  const revision: PlacedRevision = {
    ...verdict.revision,
    revisedAt: submission.at,
    ...addedRegions(stored, submission),
  };
  return { fate: "revised", result: { ...stored, revision } };
}

/** The reference server adds the regions of a revision in memory, and then forgets them. Facts, §4.5. */
function addedRegions({ regions }: PlacedKey, { record }: Submission): { regions?: readonly string[] } {
  const added = record.regions.filter((region) => !regions.includes(region));
  return added.length === 0 ? {} : { regions: [...regions, ...added] };
}

/** The token must name the key as the winner inserted it, and nothing about it may have changed. */
function mayRevise({ record }: Submission, key: SubmittedKey, stored: PlacedKey): boolean {
  const { rollingStartIntervalNumber, rollingPeriod } = key.candidate;
  const hasSameIntervals =
    rollingStartIntervalNumber === stored.rollingStartIntervalNumber &&
    rollingPeriod === stored.rollingPeriod;
  return (
    hasSameIntervals &&
    (record.bypassRevisionToken || key.tokenInsertedBy?.equals(stored.insertedBy) === true)
  );
}

/** A key's insertion is told as it was, also when the record is handled again after a revision. */
function withoutRevision(stored: PlacedKey): PlacedKey {
  if (stored.revision === undefined) return stored;
  const { revision: _revision, ...key } = stored;
  return key;
}

/**
 * For the statistics: only submissions that changed something, or that were a first negative report (facts, §3.7). A
 * request counts once, however often it came.
 */
function outcomeOf({ record, isRepeat }: Submission, fates: readonly KeyFate[]): Outcome | undefined {
  if (isRepeat) return undefined;
  const count = (fate: KeyFate): number => fates.filter((other) => other === fate).length;
  const [inserted, revised] = [count("inserted"), count("revised")];
  if (inserted + revised + count("withheld") === 0) return undefined;
  return {
    healthAuthorityId: record.healthAuthorityId,
    receivedWindowSeconds: record.receivedWindowSeconds,
    inserted,
    revised,
    platform: record.platform,
    missingOnset: record.missingOnset,
    oldestTekDays: record.oldestTekDays,
    onsetToUploadDays: record.onsetToUploadDays,
    reportType: record.reportType,
  };
}

/** Handled again, a record may meet the work of one behind it, which did not exist when it was first decided. */
function isLater(a: LogPosition, b: LogPosition): boolean {
  return a.partition === b.partition && a.offset > b.offset;
}

function isSame(a: LogPosition, b: LogPosition): boolean {
  return a.partition === b.partition && a.offset === b.offset;
}
