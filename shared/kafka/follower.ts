import { randomUUID } from "node:crypto";
import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
import { untilAvailable } from "../process/until-available.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { SupervisedConsumer } from "./supervised-consumer.js";

/** How far a partition has been handled. */
interface Place {
  readonly next: number;
  /** The latest append time of what was handled. */
  readonly appendedMs: number;
}

const beginning: Place = { next: 0, appendedMs: -Infinity };

/**
 * Reads a topic from its beginning in this process alone and goes on following it. Made for small, compacted topics
 * of which every process holds a fold. A reader that is thrown out of its group reads everything again, and `handle`
 * gets only what it has not handled: older records would take the fold back in time.
 */
export class Follower {
  readonly #connection: KafkaConnection;
  readonly #consumer: SupervisedConsumer;
  readonly #topic: string;
  readonly #handle: (messages: readonly KafkaMessage[], partition: number) => Promise<void>;
  readonly #places = new Map<number, Place>();

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
    return ends.every(([partition, end]) => this.#place(partition).next >= end);
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
    const messages = this.#unhandled(batch.partition, batch.messages);
    if (messages.length > 0) await this.#handle(messages, batch.partition);
    resolveOffset(batch.lastOffset());
    this.#passed(batch.partition, Number(batch.lastOffset()), messages);
    await heartbeat();
  }

  #unhandled(partition: number, messages: readonly KafkaMessage[]): readonly KafkaMessage[] {
    const { next, appendedMs } = this.#place(partition);
    const isPassed = ({ offset }: KafkaMessage): boolean => Number(offset) < next;
    // The log can't have taken later what stands before: the topic was deleted and made anew.
    if (messages.some((message) => isPassed(message) && Number(message.timestamp) > appendedMs)) {
      this.#places.delete(partition);
      return messages;
    }
    return messages.filter((message) => !isPassed(message));
  }

  #passed(partition: number, offset: number, messages: readonly KafkaMessage[] = []): void {
    const { next, appendedMs } = this.#place(partition);
    this.#places.set(partition, {
      next: Math.max(next, offset + 1),
      appendedMs: messages.reduce((latest, { timestamp }) => Math.max(latest, Number(timestamp)), appendedMs),
    });
  }

  #place(partition: number): Place {
    return this.#places.get(partition) ?? beginning;
  }
}
