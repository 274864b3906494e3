import { releaseSeconds } from "../../shared/keys/embargo.js";
import { intervalNumber } from "../../shared/keys/interval.js";
import { insertedBy, identityBytes } from "../../shared/keys/submission-identity.js";
import { tekBytes } from "../../shared/keys/valid-key.js";
import type { LogPosition } from "../../shared/keys/token-content.js";
import { reportTypeOf } from "../../shared/records/report-type-number.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import type { SubmittedRecord } from "../../shared/topology.js";

/** A record of keys.submitted, ready to be decided. */
export interface Submission {
  readonly at: LogPosition;
  /** When the log took the record (unix seconds, with fractions). */
  readonly appendedAtSeconds: number;
  readonly record: SubmittedRecord;
  /** 16 bytes. */
  readonly identity: Buffer;
  readonly keys: readonly SubmittedKey[];
}

/** One key of a submission, as it would be stored. */
export interface SubmittedKey {
  readonly candidate: PlacedKey;
  /** When it may leave; undefined: at once. */
  readonly releaseSeconds: number | undefined;
  /** Who inserted the key, as the revision token proves; undefined: the token says nothing of it. */
  readonly tokenInsertedBy: Buffer | undefined;
}

export type SubmissionReason = "bad_identity" | "bad_report_type" | "bad_key" | "no_keys" | "repeated_key";

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
  if (record.identity.length !== identityBytes) return "bad_identity";
  if (record.keys.length === 0) return "no_keys";
  const reportType = reportTypeOf(record.reportType);
  if (reportType === undefined) return "bad_report_type";
  if (!record.keys.every(isSound)) return "bad_key";
  if (new Set(record.keys.map(({ tek }) => Buffer.from(tek ?? []).toString("hex"))).size < record.keys.length)
    return "repeated_key";
  const identity = Buffer.from(record.identity);
  const keys = record.keys.map((key): SubmittedKey => {
    const tek = Buffer.from(key.tek ?? []);
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
        insertedBy: insertedBy(identity, tek),
        insertedAt: at,
      },
      releaseSeconds: release,
      tokenInsertedBy: proof.length === 0 ? undefined : Buffer.from(proof),
    };
  });
  return { at, appendedAtSeconds, record, identity, keys };
}

function isSound(key: SubmittedRecord["keys"][number]): boolean {
  const period = key.rollingPeriod ?? 0;
  return (
    key.tek?.length === tekBytes && period >= 1 && period <= 144 && (key.rollingStartIntervalNumber ?? 0) >= 0
  );
}
