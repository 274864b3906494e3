import { type IncomingRevision, revise, type RevisionRefusal } from "./revise.js";
import type { StoredKey, StoredRevision } from "./stored-key.js";
import type { ValidKey } from "./valid-key.js";

/**
 * What becomes of one key of a submission.
 *
 * `inserted`: it is new, or this very submission inserted it before. `withheld`: it is new, but its first report is
 * negative, so nothing is stored. `revised`: it changes the stored key, or this very submission changed it before.
 */
export type KeyVerdict =
  | { readonly kind: "inserted"; readonly isRepeat: boolean }
  | { readonly kind: "withheld" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "revised"; readonly revision: StoredRevision; readonly isRepeat: boolean }
  | { readonly kind: "refused"; readonly code: RevisionRefusal; readonly message: string };

/** A key as a submission brings it. */
export type SubmittedKey = Pick<
  ValidKey,
  | "rollingStartIntervalNumber"
  | "rollingPeriod"
  | "reportType"
  | "transmissionRisk"
  | "daysSinceOnset"
  | "createdAtSeconds"
>;

/**
 * Decides on one key whose submission may touch it (reference server facts, §4.5 and §5.3); whether it may is the
 * token's business. `proof` is the submission's for this key (see `insertedBy`).
 */
export function judgeKey(
  key: SubmittedKey,
  stored: StoredKey | undefined,
  proof: Buffer,
  healthAuthorityId: string | undefined,
): KeyVerdict {
  if (stored === undefined) return key.reportType === "negative" ? { kind: "withheld" } : newlyInserted;
  if (wasInsertedBy(key, stored, proof)) return insertedBefore;
  const change = revise(stored, incoming(key, proof, healthAuthorityId));
  if (change.kind === "revised") return { ...change, isRepeat: false };
  const { revision } = stored;
  const isRepeat = change.kind === "unchanged" && revision?.revisedBy.equals(proof) === true;
  return isRepeat && revision !== undefined ? { kind: "revised", revision, isRepeat } : change;
}

/** Whether the very same submission inserted the stored key before. */
export function wasInsertedBy(key: KeyIntervals, stored: StoredKey, proof: Buffer): boolean {
  return hasSameIntervals(key, stored) && stored.insertedBy.equals(proof);
}

/** Whether two records of a TEK agree on when it was used. */
export function hasSameIntervals(a: KeyIntervals, b: KeyIntervals): boolean {
  return a.rollingStartIntervalNumber === b.rollingStartIntervalNumber && a.rollingPeriod === b.rollingPeriod;
}

/** When a TEK was used. */
export type KeyIntervals = Pick<ValidKey, "rollingStartIntervalNumber" | "rollingPeriod">;

const newlyInserted: KeyVerdict = { kind: "inserted", isRepeat: false };
const insertedBefore: KeyVerdict = { kind: "inserted", isRepeat: true };

function incoming(
  key: SubmittedKey,
  revisedBy: Buffer,
  healthAuthorityId: string | undefined,
): IncomingRevision {
  const { reportType, transmissionRisk, daysSinceOnset, createdAtSeconds } = key;
  const revision = { reportType, transmissionRisk, daysSinceOnset, createdAtSeconds, revisedBy };
  return healthAuthorityId === undefined ? revision : { ...revision, healthAuthorityId };
}
