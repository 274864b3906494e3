import type { SubmissionReason } from "../../shared/records/check-submission.js";
import type { KeyRecordReason } from "../../shared/records/key-record.js";
import type { OutcomeReason } from "../../shared/stats/count-outcomes.js";
import type { FramingReason } from "../../shared/registry/schema-framing.js";

/** Why a record became a letter. */
export type LetterReason = FramingReason | SubmissionReason | KeyRecordReason | OutcomeReason;

const foreign = "Find out which program writes to this topic, stop it, and drop the letter.";
const faulty =
  "Only a fault or another version of our software writes such a record. Keep the letter until it is understood.";

const explanations: Readonly<Record<LetterReason, string>> = {
  no_value: `The record has no value at all. ${foreign}`,
  not_framed: `The value does not begin like a record of ours. ${foreign}`,
  unknown_schema:
    "The registry did not know the schema that the value names. If the registry was restored or replaced, bring its schemas back and send the letter back in; else another program wrote it.",
  other_schema: `The value is a message of another kind. ${foreign}`,
  malformed: `The frame is right and the message in it is broken. ${faulty}`,
  bad_identity: `The submission's identity has not 16 bytes. ${faulty}`,
  no_keys: `The submission has no keys. ${faulty}`,
  bad_report_type: `A report type is none of those that the reader knows. A reader of a later version may know it: update it and send the letter back in. ${faulty}`,
  repeated_key: `The submission holds a key twice. ${faulty}`,
  too_large: `The submission has longer names or more regions than a publish may have, and would not fit into a record of accepted keys. ${faulty}`,
  bad_key: `A key has values that phones would refuse, and with it the whole export. ${faulty}`,
  bad_time: `The submission has a time that can't be. ${faulty}`,
  bad_tek: `A key has not 16 bytes. ${faulty}`,
  bad_origin: `A key points at an origin that the record does not hold. ${faulty}`,
  bad_outcome_time: `An outcome of a submission has a time that can't be. It is not counted; its keys leave all the same. ${faulty}`,
  no_revision: `A revised key comes without its revision. ${faulty}`,
};

/** What a reason means and what to do; reasons of other versions are named only. */
export function explanationOf(reason: string): string {
  return (
    (explanations as Readonly<Record<string, string>>)[reason] ?? "This version does not know the reason."
  );
}
