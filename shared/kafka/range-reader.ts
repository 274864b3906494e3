import { randomUUID } from "node:crypto";
import type { Consumer, EachBatchPayload, KafkaMessage } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { LastingAdmin } from "./lasting-admin.js";
import { SupervisedConsumer, type PassedOffsets } from "./supervised-consumer.js";
import { limitsOf, partitionKey } from "./topic-limits.js";

/** A half-open range of one partition. What lies before `endOffset` must be in the log, as records or as markers. */
export interface LogRange {
  /** Topic without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Retention has removed a part of the range. What is left must not be taken for the whole. */
export class RangeGone extends Error {
  override readonly name = "RangeGone";
}

interface Reading {
  readonly onMessages: (range: LogRange, messages: readonly KafkaMessage[]) => Promise<void>;
  readonly pending: Map<string, { range: LogRange; next: number }>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Reads ranges of the log, committed records only, by a consumer of its own group that is kept from read to read
 * (joining a group costs more than most reads). One read at a time; calls queue.
 */
export class RangeReader {
  readonly #connection: KafkaConnection;
  readonly #consumer: SupervisedConsumer;
  readonly #admin: LastingAdmin;
  readonly #topics: readonly string[];
  #reading: Reading | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #joined = false;

  constructor(connection: KafkaConnection, topics: readonly string[]) {
    this.#connection = connection;
    this.#topics = topics;
    this.#admin = new LastingAdmin(connection);
    this.#consumer = new SupervisedConsumer(connection, {
      groupId: prefixed(connection, `${connection.process}.reader.${randomUUID()}`),
      topics,
      concurrency: 4,
      bytesPerPartitionMax: 4_194_304,
      // Between reads all is paused; the next one begins when the consumer wakes up.
      waitMsMax: 50,
      eachBatch: (payload, consumer) => this.#onBatch(payload, consumer),
      onAssignment: (assignment) => {
        this.#onAssignment(assignment);
      },
      onNothing: (passed) => {
        this.#onNothing(passed);
      },
    });
  }

  start(): void {
    this.#consumer.start();
  }

  stop(): Promise<void> {
    this.#admin.stop();
    return this.#consumer.stop();
  }

  /**
   * Hands every committed record of the ranges to `onMessages`, in order within a range.
   * @throws {RangeGone} @throws {Unavailable} when the log can't be read within `secondsMax`.
   */
  read(
    ranges: readonly LogRange[],
    onMessages: (range: LogRange, messages: readonly KafkaMessage[]) => Promise<void>,
    secondsMax: number,
  ): Promise<void> {
    const run = this.#tail.then(() => this.#read(ranges, onMessages, secondsMax));
    this.#tail = run.catch(() => undefined);
    return run;
  }

  async #read(
    ranges: readonly LogRange[],
    onMessages: Reading["onMessages"],
    secondsMax: number,
  ): Promise<void> {
    const wanted = ranges.filter(({ startOffset, endOffset }) => startOffset < endOffset);
    if (wanted.length === 0) return;
    await this.#refuseGone(wanted);
    await this.#untilJoined(secondsMax);
    let timer: NodeJS.Timeout | undefined;
    const done = new Promise<void>((resolve, reject) => {
      const pending = new Map(
        wanted.map((range) => [partitionKey(range), { range, next: range.startOffset }]),
      );
      this.#reading = { onMessages, pending, resolve, reject };
      timer = setTimeout(() => {
        reject(new Unavailable(`the log could not be read within ${secondsMax} s`));
      }, secondsMax * 1000);
    });
    try {
      this.#seekPending();
      await done;
      await this.#refuseGone(wanted);
    } finally {
      clearTimeout(timer);
      this.#pauseAll(wanted);
      this.#reading = undefined;
    }
  }

  async #onBatch(
    { batch, resolveOffset, heartbeat, isStale }: EachBatchPayload,
    consumer: Consumer,
  ): Promise<void> {
    // Fetched before the last seek: it may lie ahead of what is wanted.
    if (isStale()) return;
    const reading = this.#reading;
    const topic = batch.topic.slice(this.#connection.prefix.length + 1);
    const entry = reading?.pending.get(partitionKey({ topic, partition: batch.partition }));
    if (reading === undefined || entry === undefined) {
      consumer.pause([{ topic: batch.topic, partitions: [batch.partition] }]);
      return;
    }
    try {
      await this.#deliver(reading, entry, batch.messages);
    } catch (error) {
      reading.reject(error);
      return;
    }
    resolveOffset(batch.lastOffset());
    this.#passed(reading, entry, Number(batch.lastOffset()));
    await heartbeat();
  }

  /** Markers of transactions take offsets and are never delivered: a range may end on them. */
  #onNothing({ topic: fullTopic, partition, firstOffset, lastOffset }: PassedOffsets): void {
    const topic = fullTopic.slice(this.#connection.prefix.length + 1);
    const reading = this.#reading;
    const entry = reading?.pending.get(partitionKey({ topic, partition }));
    // What was fetched before the last seek may lie ahead of what is wanted.
    if (reading === undefined || entry === undefined || firstOffset > entry.next) return;
    this.#passed(reading, entry, lastOffset);
  }

  #passed(reading: Reading, entry: { range: LogRange; next: number }, lastOffset: number): void {
    entry.next = Math.max(entry.next, lastOffset + 1);
    if (entry.next < entry.range.endOffset) return;
    this.#pauseAll([entry.range]);
    reading.pending.delete(partitionKey(entry.range));
    if (reading.pending.size === 0) reading.resolve();
  }

  async #deliver(
    reading: Reading,
    { range, next }: { range: LogRange; next: number },
    messages: readonly KafkaMessage[],
  ): Promise<void> {
    const inside = messages.filter(
      ({ offset }) => Number(offset) >= next && Number(offset) < range.endOffset,
    );
    if (inside.length > 0) await reading.onMessages(range, inside);
  }

  /** A new membership starts from the log's beginning: pause all, then go back to where a read under way stands. */
  #onAssignment(assignment: Readonly<Record<string, number[]>>): void {
    this.#joined = true;
    // The consumer takes pauses and seeks only after the event has been handled.
    setImmediate(() => {
      const topics = Object.entries(assignment).map(([topic, partitions]) => ({ topic, partitions }));
      this.#consumer.consumer?.pause(topics);
      this.#seekPending();
    });
  }

  #seekPending(): void {
    const consumer = this.#consumer.consumer;
    if (consumer === undefined) return;
    for (const { range, next } of this.#reading?.pending.values() ?? []) {
      const topic = prefixed(this.#connection, range.topic);
      consumer.seek({ topic, partition: range.partition, offset: String(next) });
      consumer.resume([{ topic, partitions: [range.partition] }]);
    }
  }

  #pauseAll(ranges: readonly LogRange[]): void {
    this.#consumer.consumer?.pause(
      ranges.map(({ topic, partition }) => ({
        topic: prefixed(this.#connection, topic),
        partitions: [partition],
      })),
    );
  }

  async #untilJoined(secondsMax: number): Promise<void> {
    const deadline = performance.now() + secondsMax * 1000;
    while (!this.#joined || this.#consumer.consumer === undefined) {
      if (performance.now() > deadline) throw new Unavailable("the log's reader has not joined its group");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #refuseGone(ranges: readonly LogRange[]): Promise<void> {
    const topics = this.#topics.filter((topic) => ranges.some((range) => range.topic === topic));
    const limits = await this.#admin.ask((admin) => limitsOf(admin, this.#connection, topics));
    const lows = new Map(limits.map((limit) => [partitionKey(limit), limit.low]));
    for (const range of ranges) {
      const { topic, partition, startOffset } = range;
      const low = lows.get(partitionKey(range)) ?? 0;
      if (low > startOffset)
        throw new RangeGone(`${topic} partition ${partition} begins at ${low}, after ${startOffset}`);
    }
  }
}
