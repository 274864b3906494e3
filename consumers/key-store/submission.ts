import { releaseSeconds } from "../../shared/keys/embargo.js";
import { intervalNumber } from "../../shared/keys/interval.js";
import { insertedByEach } from "../../shared/keys/submission-identity.js";
import type { LogPosition } from "../../shared/keys/token-content.js";
import { checkSubmission, type SubmissionReason } from "../../shared/records/check-submission.js";
import { reportTypeOf } from "../../shared/records/report-type-number.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import type { SubmittedRecord } from "../../shared/topology.js";

/** A record of keys.submitted, ready to be decided. */
export interface Submission {
  readonly at: LogPosition;
  readonly record: SubmittedRecord;
  /** 16 bytes. */
  readonly identity: Buffer;
  readonly keys: readonly SubmittedKey[];
  /** The same request was decided before, at another position of the log. */
  readonly isRepeat: boolean;
}

/** One key of a submission, as it would be stored. */
export interface SubmittedKey {
  readonly candidate: PlacedKey;
  /** Who inserted the key, as the revision token proves; undefined: the token says nothing of it. */
  readonly tokenInsertedBy: Buffer | undefined;
}

export interface EmbargoRule {
  readonly truncateWindowSeconds: number;
  /** No embargo at all. */
  readonly releaseStillValidKeys: boolean;
}

/**
 * Reads a record as a submission, or says why it is none. The embargo is counted from the time at which the log took
 * the record (unix seconds), not from the clock of a gateway.
 */
export function readSubmission(
  record: SubmittedRecord,
  at: LogPosition,
  appendedAtSeconds: number,
  rule: EmbargoRule,
): Submission | SubmissionReason {
  const reason = checkSubmission(record);
  if (reason !== undefined) return reason;
  const reportType = reportTypeOf(record.reportType) ?? "";
  const identity = Buffer.from(record.identity);
  const teks = record.keys.map(({ tek }) => Buffer.from(tek ?? []));
  const proofs = insertedByEach(identity, teks);
  const keys = record.keys.map((key, index): SubmittedKey => {
    const tek = teks[index] ?? Buffer.alloc(0);
    const start = key.rollingStartIntervalNumber ?? 0;
    const period = key.rollingPeriod ?? 0;
    const release = rule.releaseStillValidKeys
      ? undefined
      : releaseSeconds(start + period, intervalNumber(appendedAtSeconds), rule.truncateWindowSeconds);
    const proof = key.tokenInsertedBy ?? new Uint8Array();
    return {
      candidate: {
        tek,
        rollingStartIntervalNumber: start,
        rollingPeriod: period,
        reportType,
        transmissionRisk: key.transmissionRisk ?? 0,
        daysSinceOnset: key.daysSinceOnset ?? 0,
        app: record.app,
        ...(record.healthAuthorityId === "" ? {} : { healthAuthorityId: record.healthAuthorityId }),
        regions: record.regions,
        traveler: record.traveler,
        provenance: "local",
        createdAtSeconds: release ?? record.receivedWindowSeconds,
        ...(release === undefined ? {} : { releaseSeconds: release }),
        insertedBy: proofs[index] ?? Buffer.alloc(0),
        insertedAt: at,
      },
      tokenInsertedBy: proof.length === 0 ? undefined : Buffer.from(proof),
    };
  });
  return { at, record, identity, keys, isRepeat: false };
}
