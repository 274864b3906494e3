import type { IHeaders, Producer } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
import type { Log } from "../process/log.js";
import { writtenOffset } from "./written-offset.js";

// Writing without losing what was acknowledged, to one partition. kafkajs loses or doubles records when sends of one
// idempotent producer overlap, when a send covers several partitions, and when a producer goes on after a rejected
// send (its sequence numbers are rolled back and used again). So: one producer and one send in flight here; a send
// carries what gathered while the last one was under way; after any rejected send the producer is thrown away.
//
// A rejected send is *unknown*, not failed: its records may be in the log. The caller is told `Unavailable` and
// repeats with the same identity, which makes the repeat harmless.

export interface OutgoingRecord {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
}

export interface WrittenRecord {
  readonly partition: number;
  readonly offset: number;
  /** Its append time in milliseconds, as readers get it; negative where the topic keeps none. */
  readonly timestamp: string;
}

/** The queue of a partition is full, or the record waited too long to be sent. It is certainly not in the log. */
export class Overloaded extends Unavailable {}

export interface PartitionWriterOptions {
  /** Full topic name. */
  readonly topic: string;
  readonly partition: number;
  /** Connects a new idempotent producer. */
  readonly connectProducer: () => Promise<Producer>;
  readonly log: Log;
  readonly queueBytesMax: number;
  readonly batchBytesMax: number;
  /** How long a record may wait to be sent. */
  readonly waitSecondsMax: number;
}

interface Waiting {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly expiresAtMs: number;
  resolve(written: WrittenRecord): void;
  reject(error: Error): void;
}

const reconnectPauseMs = 200;

export class PartitionWriter {
  readonly #options: PartitionWriterOptions;
  #producer: Producer | undefined;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #pumping: Promise<void> | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: PartitionWriterOptions) {
    this.#options = options;
  }

  /**
   * Resolves once every in-sync replica has the record.
   * @throws {Overloaded} when it was not sent. @throws {Unavailable} when it may or may not be in the log.
   */
  write(record: OutgoingRecord): Promise<WrittenRecord> {
    const bytes = recordBytes(record);
    const { queueBytesMax, batchBytesMax, waitSecondsMax } = this.#options;
    if (bytes > batchBytesMax)
      return Promise.reject(new RangeError(`record of ${bytes} bytes, at most ${batchBytesMax}`));
    if (this.#stopped || this.#queuedBytes + bytes > queueBytesMax)
      return Promise.reject(new Overloaded("the queue is full"));
    return new Promise((resolve, reject) => {
      this.#queue.push({
        record,
        bytes,
        expiresAtMs: performance.now() + waitSecondsMax * 1000,
        resolve,
        reject,
      });
      this.#queuedBytes += bytes;
      this.#expireInTime();
      this.#pumping ??= this.#pump();
    });
  }

  /** Sends what is queued, then disconnects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#pumping;
    await this.#producer?.disconnect();
  }

  async #pump(): Promise<void> {
    // A turn of the event loop lets requests that arrived together share the first send.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      this.#dropExpired();
      const batch = this.#takeBatch();
      if (batch.length > 0) await this.#send(batch);
    }
    // In the same turn as the last look at the queue: a record that comes later starts a new pump.
    this.#pumping = undefined;
  }

  /**
   * Also while a send is under way, which may take minutes: whoever waits holds far more memory than the record's bytes,
   * and was answered long ago.
   */
  #expireInTime(): void {
    const [next] = this.#queue;
    if (next === undefined || this.#expiry !== undefined) return;
    this.#expiry = setTimeout(
      () => {
        this.#expiry = undefined;
        this.#dropExpired();
        this.#expireInTime();
      },
      Math.max(0, next.expiresAtMs - performance.now()) + 1,
    );
    this.#expiry.unref();
  }

  #dropExpired(): void {
    const now = performance.now();
    while (this.#queue[0] !== undefined && this.#queue[0].expiresAtMs < now) {
      const expired = this.#queue.shift();
      this.#queuedBytes -= expired?.bytes ?? 0;
      expired?.reject(new Overloaded("the record waited too long to be sent"));
    }
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#queue) {
      if (bytes + waiting.bytes > this.#options.batchBytesMax) break;
      bytes += waiting.bytes;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #send(batch: Waiting[]): Promise<void> {
    const { topic, partition, connectProducer } = this.#options;
    try {
      this.#producer ??= await connectProducer();
      const messages = batch.map(({ record: { key = null, value, headers = {} } }) => ({
        key,
        value,
        headers,
        partition,
      }));
      const answer = await this.#producer.send({ topic, acks: -1, messages });
      const baseOffset = writtenOffset(answer, this.#options);
      const timestamp = answer[0]?.logAppendTime ?? "-1";
      batch.forEach((waiting, index) => {
        waiting.resolve({ partition, offset: baseOffset + index, timestamp });
      });
    } catch (error) {
      await this.#giveUp(batch, error);
    }
  }

  async #giveUp(batch: Waiting[], cause: unknown): Promise<void> {
    const { topic, partition, log } = this.#options;
    const discarded = this.#producer;
    this.#producer = undefined;
    log.warn({ topic, partition, records: batch.length, error: cause }, "send rejected, producer discarded");
    for (const waiting of batch)
      waiting.reject(new Unavailable("it is unknown whether the record was written", { cause }));
    // Disconnecting may hang on a dead broker; nothing waits for it.
    discarded?.disconnect().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, reconnectPauseMs));
  }
}

/** Bytes of a record, with room for Kafka's own framing of it. */
function recordBytes({ key, value, headers }: OutgoingRecord): number {
  const headerBytes = Object.entries(headers ?? {})
    .flatMap(([name, values]) => [values ?? []].flat().map((value) => [name, value] as const))
    .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + 8, 0);
  return (key?.length ?? 0) + (value?.length ?? 0) + headerBytes + 64;
}
