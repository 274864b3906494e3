import type { Log } from "../process/log.js";
import type { Stream } from "../topology.js";
import type { SchemaFraming } from "../registry/schema-framing.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { PartitionWriter, type OutgoingRecord, type WrittenRecord } from "./partition-writer.js";
import { sendBytesMax } from "./send-bytes.js";

export interface StreamWriterOptions {
  readonly queueBytesMax?: number;
  readonly waitSecondsMax?: number;
}

/** Writes messages of one stream, each to the partition that the caller names. */
export class StreamWriter<In, Out extends In> {
  readonly #writers = new Map<number, PartitionWriter>();
  readonly #connection: KafkaConnection;
  readonly #stream: Stream<In, Out>;
  readonly #framing: SchemaFraming;
  readonly #options: StreamWriterOptions;

  constructor(
    connection: KafkaConnection,
    stream: Stream<In, Out>,
    framing: SchemaFraming,
    options: StreamWriterOptions = {},
  ) {
    this.#connection = connection;
    this.#stream = stream;
    this.#framing = framing;
    this.#options = options;
  }

  /** Errors as of {@link PartitionWriter.write}. */
  write(partition: number, message: In, rest: Omit<OutgoingRecord, "value"> = {}): Promise<WrittenRecord> {
    const { key = null, headers = {} } = rest;
    return this.#writer(partition).write({
      key,
      value: this.#framing.encode(this.#stream, message),
      headers,
    });
  }

  /** Writes an empty value, which removes `key` from a compacted topic. */
  remove(partition: number, key: string): Promise<WrittenRecord> {
    return this.#writer(partition).write({ key, value: null });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
  }

  #writer(partition: number): PartitionWriter {
    const found = this.#writers.get(partition);
    if (found !== undefined) return found;
    const { queueBytesMax = 8_000_000, waitSecondsMax = 5 } = this.#options;
    const created = partitionWriter(this.#connection, this.#stream.topic, partition, {
      queueBytesMax,
      waitSecondsMax,
    });
    this.#writers.set(partition, created);
    return created;
  }
}

/** A writer to one partition of a topic that is named without the prefix. */
export function partitionWriter(
  connection: KafkaConnection,
  topic: string,
  partition: number,
  limits: { queueBytesMax: number; waitSecondsMax: number; batchBytesMax?: number },
): PartitionWriter {
  const log: Log = connection.log;
  return new PartitionWriter({
    topic: prefixed(connection, topic),
    partition,
    connectProducer: async () => {
      const producer = connection.kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
      });
      await producer.connect();
      return producer;
    },
    log,
    batchBytesMax: sendBytesMax,
    ...limits,
  });
}
