import type { IHeaders, KafkaMessage } from "kafkajs";
import { deadLetterTopic, type ProcessName } from "../topology.js";
import type { OutgoingBatch } from "./partition-transactions.js";

/** A record that can never be handled, as it goes to its dead-letter topic: byte for byte, with where it was and why. */
export function deadLetter(
  stream: { readonly topic: string },
  process: ProcessName,
  source: { partition: number; message: KafkaMessage; reason: string },
): OutgoingBatch {
  const { partition, message, reason } = source;
  const headers: IHeaders = {
    "tekstream-reason": reason,
    "tekstream-topic": stream.topic,
    "tekstream-partition": String(partition),
    "tekstream-offset": message.offset,
  };
  return { topic: deadLetterTopic(stream, process), partition: 0, values: [message.value], headers };
}
