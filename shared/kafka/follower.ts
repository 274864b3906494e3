import { randomUUID } from "node:crypto";
import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
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
  async start(): Promise<void> {
    this.#consumer.start();
    const ends = await untilAvailable("the cluster", this.#connection.log, () => this.#ends());
    while (!this.#hasHandled(ends)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /**
   * The same at any later time: a process that was asleep does not know how much it has missed.
   * @throws {Unavailable} when that takes too long.
   */
  async catchUp(secondsMax: number): Promise<void> {
    const deadline = performance.now() + secondsMax * 1000;
    const ends = await this.#ends().catch((error: unknown) => {
      throw new Unavailable("the cluster does not tell where the topic ends", { cause: error });
    });
    while (!this.#hasHandled(ends)) {
      if (performance.now() > deadline)
        throw new Unavailable(`${this.#topic} was not read to its end within ${secondsMax} s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): Promise<void> {
    return this.#consumer.stop();
  }

  #hasHandled(ends: readonly [number, number][]): boolean {
    return ends.every(([partition, end]) => (this.#positions.get(partition) ?? 0) >= end);
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
