import type { KafkaConnection } from "./connect.js";
import { deadLetter } from "./dead-letters.js";
import type { LogRecord } from "./log-record.js";
import type { PartitionWriter } from "./partition-writer.js";
import { partitionWriter } from "./stream-writer.js";

/** A record that the process can't use, with where it was and why. */
export interface RejectedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly message: LogRecord;
  readonly reason: string;
}

/** Writes rejected records to the process's dead-letter topics, outside of transactions: one may be written twice. */
export class DeadLetterWriter {
  readonly #connection: KafkaConnection;
  readonly #writers = new Map<string, PartitionWriter>();

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** Resolves when the record is durable there. */
  async write(rejected: RejectedRecord): Promise<void> {
    const { topic, values, headers = {} } = deadLetter(rejected, this.#connection.process, rejected);
    await Promise.all(values.map((value) => this.#writer(topic).write({ value, headers })));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
  }

  #writer(topic: string): PartitionWriter {
    const found = this.#writers.get(topic);
    if (found !== undefined) return found;
    const limits = { queueBytesMax: 8_000_000, waitSecondsMax: 5 };
    const created = partitionWriter(this.#connection, topic, 0, limits);
    this.#writers.set(topic, created);
    return created;
  }
}
