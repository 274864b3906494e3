import { deadLetter } from "../../shared/kafka/dead-letters.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import type { PartitionWriter } from "../../shared/kafka/partition-writer.js";
import { partitionWriter } from "../../shared/kafka/stream-writer.js";
import type { TickIndexOptions } from "./tick-index.js";
import type { ExportWindowEvents } from "./events.js";

/** Writes rejected records to their dead-letter topics. */
export function rejecter(
  connection: KafkaConnection,
  events: ExportWindowEvents,
): { reject: TickIndexOptions["reject"]; stop(): Promise<void> } {
  const writers = new Map<string, PartitionWriter>();
  return {
    async reject(source) {
      const { topic, values, headers = {} } = deadLetter(source, connection.process, source);
      const writer =
        writers.get(topic) ??
        partitionWriter(connection, topic, 0, { queueBytesMax: 8_000_000, waitSecondsMax: 5 });
      writers.set(topic, writer);
      await Promise.all(values.map((value) => writer.write({ value, headers })));
      events.recordRejected(source);
    },
    async stop() {
      await Promise.all([...writers.values()].map((writer) => writer.stop()));
    },
  };
}
