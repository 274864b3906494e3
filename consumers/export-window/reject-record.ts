import { deadLetter } from "../../shared/kafka/dead-letters.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import type { PartitionWriter } from "../../shared/kafka/partition-writer.js";
import { deadLetterBytesMax, defaultTopicSettings } from "../../shared/kafka/provision-topics.js";
import { partitionWriter } from "../../shared/kafka/stream-writer.js";
import type { TickIndexOptions } from "./tick-index.js";
import type { ExportWindowEvents } from "./events.js";

const limits = {
  queueBytesMax: 8_000_000,
  batchBytesMax: deadLetterBytesMax(defaultTopicSettings),
  waitSecondsMax: 5,
};

/**
 * Writes rejected records to their dead-letter topics, each once: a batch that is tried again for whatever reason brings
 * records whose letters have been acknowledged. `Unavailable` leaves it open whether a letter is there, and it is
 * written again.
 */
export function rejecter(
  connection: KafkaConnection,
  events: ExportWindowEvents,
): { reject: TickIndexOptions["reject"]; stop(): Promise<void> } {
  const writers = new Map<string, PartitionWriter>();
  const writerTo = (topic: string): PartitionWriter => {
    const writer = writers.get(topic) ?? partitionWriter(connection, topic, 0, limits);
    writers.set(topic, writer);
    return writer;
  };
  /** The last offset whose letter was acknowledged, by partition; a partition's records come in order. */
  const lettered = new Map<string, number>();
  return {
    async reject(source) {
      const place = `${source.topic}/${source.partition}`;
      const offset = Number(source.message.offset);
      if (offset <= (lettered.get(place) ?? -1)) return;
      const { topic, values, key = null, headers = {} } = deadLetter(source, connection.process, source);
      const writer = writerTo(topic);
      await Promise.all(values.map((value) => writer.write({ key, value, headers })));
      lettered.set(place, offset);
      // Named one by one: the record itself holds keys, which no log line may show.
      const { partition, reason } = source;
      events.recordRejected({ topic: source.topic, partition, offset, reason });
    },
    async stop() {
      await Promise.all([...writers.values()].map((writer) => writer.stop()));
    },
  };
}
