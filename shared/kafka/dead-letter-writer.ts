import type { KafkaConnection } from "./connect.js";
import { deadLetter } from "./dead-letters.js";
import type { LogRecord } from "./log-record.js";
import type { PartitionWriter } from "./partition-writer.js";
import { deadLetterBytesMax, defaultTopicSettings } from "./provision-topics.js";
import { partitionWriter } from "./stream-writer.js";

/** A record that the process can't use, with where it was and why. */
export interface RejectedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly message: LogRecord;
  readonly reason: string;
}

const limits = {
  queueBytesMax: 8_000_000,
  batchBytesMax: deadLetterBytesMax(defaultTopicSettings),
  waitSecondsMax: 5,
};

/**
 * Writes rejected records to the process's dead-letter topics, outside of transactions. A batch that is tried again for
 * whatever reason brings records whose letters have been acknowledged, and those are not written again. `Unavailable`
 * leaves it open whether a letter is there: it may be there twice.
 */
export class DeadLetterWriter {
  readonly #connection: KafkaConnection;
  readonly #writers = new Map<string, PartitionWriter>();
  /** The last offset whose letter was acknowledged, by partition; a partition's records come in order. */
  readonly #written = new Map<string, number>();

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** Resolves when the letter is durable; to false when it was before. @throws {Unavailable} */
  async write(rejected: RejectedRecord): Promise<boolean> {
    const place = `${rejected.topic}/${rejected.partition}`;
    const offset = Number(rejected.message.offset);
    if (offset <= (this.#written.get(place) ?? -1)) return false;
    const {
      topic,
      values,
      key = null,
      headers = {},
    } = deadLetter(rejected, this.#connection.process, rejected);
    await Promise.all(values.map((value) => this.#writer(topic).write({ key, value, headers })));
    this.#written.set(place, offset);
    return true;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
  }

  #writer(topic: string): PartitionWriter {
    const writer = this.#writers.get(topic) ?? partitionWriter(this.#connection, topic, 0, limits);
    this.#writers.set(topic, writer);
    return writer;
  }
}
