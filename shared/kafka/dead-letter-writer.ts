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
 * Writes rejected records to the process's dead-letter topics, outside of transactions. Each is written once: a batch that is
 * tried again for whatever reason brings records whose letters have been acknowledged. `Unavailable` leaves it open
 * whether a letter is there, and it is written again.
 */
export class DeadLetterWriter {
  readonly #connection: KafkaConnection;
  readonly #writers = new Map<string, PartitionWriter>();
  /** The last offset whose letter was acknowledged, by partition; a partition's records come in order. */
  readonly #lettered = new Map<string, number>();

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** Resolves when the record is durable there; to false when it was already. @throws {Unavailable} */
  async write(rejected: RejectedRecord): Promise<boolean> {
    const place = `${rejected.topic}/${rejected.partition}`;
    const offset = Number(rejected.message.offset);
    if (offset <= (this.#lettered.get(place) ?? -1)) return false;
    const letter = deadLetter(rejected, this.#connection.process, rejected);
    const { topic, values, key = null, headers = {} } = letter;
    await Promise.all(values.map((value) => this.#writer(topic).write({ key, value, headers })));
    this.#lettered.set(place, offset);
    return true;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
  }

  #writer(topic: string): PartitionWriter {
    const found = this.#writers.get(topic);
    if (found !== undefined) return found;
    const created = partitionWriter(this.#connection, topic, 0, limits);
    this.#writers.set(topic, created);
    return created;
  }
}
