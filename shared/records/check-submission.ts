import { regionsBytes, regionsBytesMax } from "../keys/regions.js";
import { identityBytes } from "../keys/submission-identity.js";
import { tekBytes } from "../keys/valid-key.js";
import type { SubmittedRecord } from "../topology.js";
import { hasSoundRisk, hasSoundSpan } from "./key-ranges.js";
import { reportTypeOf } from "./report-type-number.js";
import { isSoundTime } from "./sound-time.js";

/** Why a record of keys.submitted is no submission. */
export type SubmissionReason =
  | "bad_identity"
  | "bad_report_type"
  | "bad_key"
  | "bad_time"
  | "no_keys"
  | "repeated_key"
  | "too_large";

/** What apps and health authorities are named with at most (bytes). */
const nameBytesMax = 128;

/** Why a record can't be decided, if it can't. */
export function checkSubmission(record: SubmittedRecord): SubmissionReason | undefined {
  if (record.identity.length !== identityBytes) return "bad_identity";
  if (record.keys.length === 0) return "no_keys";
  if (!hasRoom(record)) return "too_large";
  if (reportTypeOf(record.reportType) === undefined) return "bad_report_type";
  if (!record.keys.every(isSound)) return "bad_key";
  if (!isSoundTime(record.receivedWindowSeconds)) return "bad_time";
  const teks = new Set(record.keys.map(({ tek }) => Buffer.from(tek ?? []).toString("hex")));
  return teks.size < record.keys.length ? "repeated_key" : undefined;
}

/** What goes with every key into records of keys.accepted, which have to stay below what their topic takes. */
function hasRoom({ app, healthAuthorityId, regions }: SubmittedRecord): boolean {
  const names = [app, healthAuthorityId];
  return (
    names.every((name) => Buffer.byteLength(name) <= nameBytesMax) && regionsBytes(regions) <= regionsBytesMax
  );
}

/** No export could hold it otherwise, and its record of keys.accepted holds the keys of many phones. */
function isSound(key: SubmittedRecord["keys"][number]): boolean {
  return key.tek?.length === tekBytes && hasSoundSpan(key) && hasSoundRisk(key);
}
