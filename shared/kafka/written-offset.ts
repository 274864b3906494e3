import type { RecordMetadata } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";

/**
 * The offset of the first record of a send to one partition, from the client's answer. The answer has to name that
 * partition: a retry inside the client can resolve without having sent to it, and nothing is sent, without an error, to
 * a partition that the client does not know of yet.
 * @throws {Unavailable} when it does not.
 */
export function writtenOffset(
  answer: readonly RecordMetadata[],
  to: { readonly topic: string; readonly partition: number },
): number {
  const [result] = answer;
  const isNamed = answer.length === 1 && result?.topicName === to.topic && result.partition === to.partition;
  const offset = Number(result?.baseOffset ?? -1);
  if (!isNamed || result.errorCode !== 0 || offset < 0)
    throw new Unavailable("the broker's answer names no offset");
  return offset;
}
