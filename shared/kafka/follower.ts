import { randomUUID } from "node:crypto";
import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import { untilAvailable } from "../process/until-available.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { SupervisedConsumer } from "./supervised-consumer.js";

/**
 * Reads a topic from its beginning in this process alone and goes on following it. Made for small, compacted topics
 * of which every process holds a fold. A reader that is thrown out of its group reads everything again, so `handle`
 * has to take repeats.
 */
export class Follower {
  readonly #connection: KafkaConnection;
  readonly #consumer: SupervisedConsumer;
  readonly #topic: string;
  readonly #handle: (messages: readonly KafkaMessage[], partition: number) => Promise<void>;
  readonly #positions = new Map<number, number>();

  constructor(
    connection: KafkaConnection,
    topic: string,
    handle: (messages: readonly KafkaMessage[], partition: number) => Promise<void>,
  ) {
    this.#connection = connection;
    this.#topic = topic;
    this.#handle = handle;
    this.#consumer = new SupervisedConsumer(connection, {
      groupId: prefixed(connection, `${connection.process}.${topic}.${randomUUID()}`),
      topics: [topic],
      concurrency: 1,
      eachBatch: (payload) => this.#onBatch(payload),
      onNothing: ({ partition, lastOffset }) => {
        this.#passed(partition, lastOffset);
      },
    });
  }

  /** Resolves when everything that was in the topic at the time of the call has been handled. */
  start(): Promise<void> {
    this.#consumer.start();
    return this.caughtUp();
  }

  /** Resolves when everything that is committed at the time of the call has been handled. */
  async caughtUp(): Promise<void> {
    const ends = await untilAvailable("the cluster", this.#connection.log, () => this.#ends());
    const caughtUp = (): boolean =>
      ends.every(([partition, end]) => (this.#positions.get(partition) ?? 0) >= end);
    while (!caughtUp()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  stop(): Promise<void> {
    return this.#consumer.stop();
  }

  async #ends(): Promise<[number, number][]> {
    const admin = this.#connection.kafka.admin();
    await admin.connect();
    try {
      const offsets = await admin.fetchTopicOffsets(prefixed(this.#connection, this.#topic));
      return offsets
        .filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]);
    } finally {
      await admin.disconnect();
    }
  }

  async #onBatch({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    await this.#handle(batch.messages, batch.partition);
    resolveOffset(batch.lastOffset());
    this.#passed(batch.partition, Number(batch.lastOffset()));
    await heartbeat();
  }

  #passed(partition: number, offset: number): void {
    this.#positions.set(partition, Math.max(this.#positions.get(partition) ?? 0, offset + 1));
  }
}
