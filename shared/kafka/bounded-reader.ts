import { randomUUID } from "node:crypto";
import type { Consumer, EachBatchPayload, KafkaMessage } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { partitionKey, type PartitionLimits, type TopicPartition } from "./topic-limits.js";
import { RangeGone } from "./range-reader.js";
import { SupervisedConsumer, type PassedOffsets } from "./supervised-consumer.js";

export interface BoundedReaderOptions {
  readonly topics: readonly string[];
  /** Where each partition begins; a partition that is not named begins at the start of its log. */
  readonly from?: ReadonlyMap<string, number>;
  /** Takes committed records, in order within a partition. After a disturbance some may come again. */
  readonly handle: (from: TopicPartition, messages: readonly KafkaMessage[]) => Promise<void>;
  readonly onPosition?: (place: TopicPartition, nextOffset: number) => void;
}

const errorPauseMs = 500;

/**
 * Reads topics in this process alone, every partition, and knows exactly how far it is, markers of transactions
 * included: so that a read can end at the end of the log, wherever that is, and be taken up again from there.
 */
export class BoundedReader {
  readonly #connection: KafkaConnection;
  readonly #options: BoundedReaderOptions;
  readonly #consumer: SupervisedConsumer;
  readonly #positions: Map<string, number>;
  #failure: { readonly error: unknown } | undefined;

  constructor(connection: KafkaConnection, options: BoundedReaderOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#positions = new Map(options.from);
    this.#consumer = new SupervisedConsumer(connection, {
      groupId: prefixed(connection, `${connection.process}.reader.${randomUUID()}`),
      topics: options.topics,
      concurrency: 8,
      bytesPerPartitionMax: 2_097_152,
      eachBatch: (payload, consumer) => this.#onBatch(payload, consumer),
      onNothing: (passed) => {
        this.#onNothing(passed);
      },
      onAssignment: () => {
        // The consumer takes seeks only after the event has been handled.
        setImmediate(() => {
          this.#seekAll();
        });
      },
    });
  }

  start(): void {
    this.#consumer.start();
  }

  /** Never rejects: what was read is known, and a connection that breaks in its last moment changes nothing of it. */
  async stop(): Promise<void> {
    await this.#consumer.stop().catch((error: unknown) => {
      this.#connection.log.warn({ error }, "a reader did not leave its group cleanly");
    });
  }

  /** Where each partition that was read goes on, by `partitionKey`. */
  get positions(): ReadonlyMap<string, number> {
    return this.#positions;
  }

  /**
   * Resolves when all that lies below these ends has been handled. Rejects with what `handle` threw.
   * @throws {RangeGone} when retention was faster. @throws {Unavailable} when nothing moves for `secondsMax`.
   */
  async until(ends: readonly PartitionLimits[], secondsMax: number): Promise<void> {
    let [sum, deadline] = [-1, 0];
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const positions = ends.map((end) => this.#positions.get(partitionKey(end)) ?? end.low);
      if (ends.every(({ high }, index) => (positions[index] ?? 0) >= high)) return;
      const reached = positions.reduce((total, position) => total + position, 0);
      if (reached !== sum) [sum, deadline] = [reached, performance.now() + secondsMax * 1000];
      if (performance.now() > deadline)
        throw new Unavailable(`the log could not be read for ${secondsMax} s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #onBatch(
    { batch, resolveOffset, heartbeat, isStale }: EachBatchPayload,
    consumer: Consumer,
  ): Promise<void> {
    if (this.#failure !== undefined || isStale()) return;
    const place = { topic: this.#unprefixed(batch.topic), partition: batch.partition };
    const position = this.#positions.get(partitionKey(place)) ?? 0;
    const messages = batch.messages.filter(({ offset }) => Number(offset) >= position);
    try {
      this.#refuseGap(place, Number(batch.firstOffset()));
      if (messages.length > 0) await this.#options.handle(place, messages);
    } catch (error) {
      if (!(error instanceof Unavailable)) {
        this.#failure = { error };
        consumer.pause([{ topic: batch.topic }]);
        return;
      }
      this.#connection.log.warn({ ...place, error }, "a batch is tried again");
      await new Promise((resolve) => setTimeout(resolve, errorPauseMs));
      await heartbeat();
      return;
    }
    resolveOffset(batch.lastOffset());
    this.#advance(place, Number(batch.lastOffset()) + 1);
    await heartbeat();
  }

  /** What is left behind a gap may be markers alone, and its end the end of the read. */
  #onNothing({ topic, partition, firstOffset, lastOffset }: PassedOffsets): void {
    const place = { topic: this.#unprefixed(topic), partition };
    try {
      this.#refuseGap(place, firstOffset);
      this.#advance(place, lastOffset + 1);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  /** Every offset of such a topic is there until retention takes it, markers and aborted records as well. */
  #refuseGap(place: TopicPartition, firstOffset: number): void {
    const position = this.#positions.get(partitionKey(place));
    if (position !== undefined && firstOffset > position)
      throw new RangeGone(`${partitionKey(place)} goes on at ${firstOffset} instead of ${position}`);
  }

  #advance(place: TopicPartition, nextOffset: number): void {
    const key = partitionKey(place);
    if (nextOffset <= (this.#positions.get(key) ?? 0)) return;
    this.#positions.set(key, nextOffset);
    this.#options.onPosition?.(place, nextOffset);
  }

  #seekAll(): void {
    for (const [key, position] of this.#positions) {
      const slash = key.lastIndexOf("/");
      const topic = prefixed(this.#connection, key.slice(0, slash));
      this.#consumer.consumer?.seek({
        topic,
        partition: Number(key.slice(slash + 1)),
        offset: String(position),
      });
    }
  }

  #unprefixed(topic: string): string {
    return topic.slice(this.#connection.prefix.length + 1);
  }
}
