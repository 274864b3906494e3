import type { Consumer, EachBatchPayload, KafkaMessage } from "kafkajs";
import { isClientError } from "./client-error.js";
import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { SupervisedConsumer } from "./supervised-consumer.js";

export interface ConsumedBatch {
  /** Topic without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
  /** Records before it were handled once already, perhaps by another process: the sink reads them again. */
  readonly committedOffset: number;
}

const errorPauseMs = 500;

/**
 * Consumes topics into a sink that takes repeats without harm. Offsets are committed after the sink has the records.
 * The group is named after the process. `Unavailable` and the client's errors are waited out; anything else crashes.
 * Where the sink stands is asked at every assignment, and again with the first records if it was not known then: a sink
 * that was thrown away is filled again without waiting for new records.
 */
export class CommittedConsumer {
  readonly #connection: KafkaConnection;
  readonly #consumer: SupervisedConsumer;
  readonly #handle: (batch: ConsumedBatch) => Promise<void>;
  readonly #crash: (error: unknown) => void;
  readonly #startFrom: (topic: string, partition: number) => Promise<number>;
  /** The committed offset of each partition that was brought to where the sink stands since the last assignment. */
  readonly #committed = new Map<string, number>();

  constructor(
    connection: KafkaConnection,
    options: {
      topics: readonly string[];
      handle: (batch: ConsumedBatch) => Promise<void>;
      crash: (error: unknown) => void;
      /** Where the sink itself stands in a partition. It counts, not the committed offset, so that a sink that was
       * thrown away is filled again. */
      startFrom: (topic: string, partition: number) => Promise<number>;
      /** After every join of the group. */
      onAssignment?: () => void;
      /** As of {@link SupervisedConsumer}. */
      onLost?: () => void;
    },
  ) {
    this.#connection = connection;
    this.#handle = options.handle;
    this.#crash = options.crash;
    this.#startFrom = options.startFrom;
    this.#consumer = new SupervisedConsumer(connection, {
      groupId: prefixed(connection, connection.process),
      topics: options.topics,
      concurrency: 8,
      eachBatch: (payload, consumer) => this.#onBatch(payload, consumer),
      onAssignment: (assignment) => {
        this.#committed.clear();
        for (const [name, partitions] of Object.entries(assignment))
          for (const partition of partitions) void this.#positionEarly(name, partition);
        options.onAssignment?.();
      },
      onLost: () => options.onLost?.(),
    });
  }

  start(): void {
    this.#consumer.start();
  }

  stop(): Promise<void> {
    return this.#consumer.stop();
  }

  async #onBatch({ batch, resolveOffset, heartbeat }: EachBatchPayload, consumer: Consumer): Promise<void> {
    const topic = batch.topic.slice(this.#connection.prefix.length + 1);
    const key = `${topic}/${batch.partition}`;
    try {
      if (!(await this.#isPositioned(topic, batch, consumer))) return;
      const committedOffset = this.#committed.get(key) ?? 0;
      await this.#handle({ topic, partition: batch.partition, messages: batch.messages, committedOffset });
    } catch (error) {
      if (!(error instanceof Unavailable)) {
        this.#crash(error);
        return;
      }
      this.#connection.log.warn({ topic, partition: batch.partition, error }, "a batch is tried again");
      await new Promise((resolve) => setTimeout(resolve, errorPauseMs));
      await heartbeat();
      return;
    }
    resolveOffset(batch.lastOffset());
    const next = Number(batch.lastOffset()) + 1;
    // Never back: what is read again for the sink's sake stays handled.
    if (next > (this.#committed.get(key) ?? 0)) {
      const offset = String(next);
      await consumer.commitOffsets([{ topic: batch.topic, partition: batch.partition, offset }]);
      // Not for a partition that was assigned anew meanwhile, and has to be brought to its place first.
      if (this.#committed.has(key)) this.#committed.set(key, next);
    }
    await heartbeat();
  }

  async #positionEarly(name: string, partition: number): Promise<void> {
    try {
      const wanted = await this.#startFrom(name.slice(this.#connection.prefix.length + 1), partition);
      this.#consumer.consumer?.seek({ topic: name, partition, offset: String(wanted) });
    } catch (error) {
      // The client refuses to seek while it stops or starts anew; the first records ask again.
      const passes = error instanceof Unavailable || isClientError(error);
      if (!passes) this.#crash(error);
    }
  }

  /** False when the batch is not where the sink stands; the next one will be. */
  async #isPositioned(topic: string, batch: EachBatchPayload["batch"], consumer: Consumer): Promise<boolean> {
    const key = `${topic}/${batch.partition}`;
    if (this.#committed.has(key)) return true;
    const wanted = await this.#startFrom(topic, batch.partition);
    this.#committed.set(key, await this.#committedOffset(batch.topic, batch.partition));
    if (Number(batch.firstOffset()) <= wanted) return true;
    consumer.seek({ topic: batch.topic, partition: batch.partition, offset: String(wanted) });
    return false;
  }

  /** 0 when there is none. It may be behind what is just being committed; never ahead of what was handled. */
  async #committedOffset(topic: string, partition: number): Promise<number> {
    const admin = this.#connection.kafka.admin();
    try {
      await admin.connect();
      const groupId = prefixed(this.#connection, this.#connection.process);
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const found = group?.partitions.find((entry) => entry.partition === partition);
      return Math.max(0, Number(found?.offset ?? 0));
    } catch (error) {
      throw new Unavailable("the committed offset can't be read", { cause: error });
    } finally {
      await admin.disconnect();
    }
  }
}
