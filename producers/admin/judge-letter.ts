import { checkKeyRecords } from "../../shared/records/key-record.js";
import { checkSubmission } from "../../shared/records/check-submission.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, keysEmbargoed, keysSubmitted, type Stream } from "../../shared/topology.js";
import { checkOutcomes } from "../../shared/stats/count-outcomes.js";
import type { LetterReason } from "./letter-reason.js";
import type { LetterTopic } from "./letter-topic.js";

/** How a value would be read today, in the topic that it came from. */
export interface Judgement {
  /** Undefined: it would not be rejected. */
  readonly reason: LetterReason | undefined;
  /** When a phone sent it (unix seconds, truncated), of a submission that can be read. */
  readonly receivedSeconds?: number;
}

/**
 * Reads a value as the process that rejected it would today.
 * @throws {Unavailable} when the registry does not answer.
 */
export async function judge(
  framing: SchemaFraming,
  { source, process }: LetterTopic,
  value: Buffer | null,
): Promise<Judgement | undefined> {
  if (process === "stats")
    return judgeAs(framing, keysAccepted, value, ({ outcomes }) => ({ reason: checkOutcomes(outcomes) }));
  switch (source) {
    case keysSubmitted.topic:
      return judgeAs(framing, keysSubmitted, value, (record) => ({
        reason: checkSubmission(record),
        receivedSeconds: record.receivedWindowSeconds,
      }));
    case keysAccepted.topic:
    case keysEmbargoed.topic:
      return judgeAs(framing, keysAccepted, value, (record) => ({ reason: checkKeyRecords(record) }));
    default:
      return undefined;
  }
}

async function judgeAs<In, Out extends In>(
  framing: SchemaFraming,
  stream: Stream<In, Out>,
  value: Buffer | null,
  look: (record: Out) => Judgement,
): Promise<Judgement> {
  const [decoded] = await framing.decodeAll(stream, [value]);
  return decoded?.fate === "done" ? look(decoded.message) : { reason: decoded?.reason ?? "no_value" };
}
