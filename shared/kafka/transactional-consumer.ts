import type { Consumer, EachBatchPayload, KafkaMessage } from "kafkajs";
import { NeedsOperator, Unavailable } from "../process/outcomes.js";
import { isClientError } from "./client-error.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { LastingAdmin } from "./lasting-admin.js";
import { PartitionTransactions, type OpenedPartition, type OutgoingBatch } from "./partition-transactions.js";
import { SupervisedConsumer, type PassedOffsets } from "./supervised-consumer.js";

// Consume, decide, produce, exactly once, one input partition at a time. Each partition is either closed or open:
//
//   closed ── assigned, or a batch arrives ──▶ open: a new transactional producer (which fences whoever held the partition), and
//                                 only then the committed offset, which no transaction can change any more
//   open ── every slice: handle, produce, commit offsets and outputs together ──▶ open, further on
//   open ── any error, or any new assignment ──▶ closed: producer and batch are thrown away
//
// Nothing is ever retried from memory: after an error the same records are fetched again.

export interface Slice {
  readonly partition: number;
  /** In order; none where the log holds nothing to handle. */
  readonly messages: readonly KafkaMessage[];
  /** Where the log goes on: behind these records, and behind marks of transactions and aborted records that follow. */
  readonly nextOffset: number;
  /** Keeps the group membership alive in long work. */
  heartbeat(): Promise<void>;
}

export interface TransactionalConsumerOptions {
  /** Input topic without the prefix; the group is named after the process. */
  readonly topic: string;
  readonly recordsPerTransactionMax: number;
  /**
   * How long records may be gathered before they are handled together, unless there are many anyhow: a transaction costs
   * nearly the same for one record as for hundreds.
   */
  readonly gatherSecondsMax: number;
  /** Decides a slice. It may be called again with the same records and must decide the same. */
  readonly handle: (slice: Slice) => Promise<readonly OutgoingBatch[]>;
  /** Called when a partition is opened, before anything of it is handled; what it throws closes the partition. */
  readonly onOpen: (opened: OpenedPartition) => Promise<void>;
  /** The process can't go on. */
  readonly crash: (error: unknown) => void;
  readonly onAssignment?: (partitions: readonly number[]) => void;
  /** As of {@link SupervisedConsumer}. */
  readonly onLost?: () => void;
}

const errorPauseMs = 500;
/** So many are many. */
const gatheredBytes = 250_000;

export class TransactionalConsumer {
  readonly #connection: KafkaConnection;
  readonly #options: TransactionalConsumerOptions;
  readonly #consumer: SupervisedConsumer;
  readonly #admin: LastingAdmin;
  readonly #partitions = new Map<number, PartitionTransactions>();

  constructor(connection: KafkaConnection, options: TransactionalConsumerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#admin = new LastingAdmin(connection);
    this.#consumer = new SupervisedConsumer(connection, {
      groupId: prefixed(connection, connection.process),
      topics: [options.topic],
      concurrency: 16,
      bytesMin: gatheredBytes,
      waitMsMax: options.gatherSecondsMax * 1000,
      eachBatch: (payload, consumer) => this.#onBatch(payload, consumer),
      onAssignment: (assignment) => {
        this.#onAssignment(assignment[prefixed(connection, options.topic)] ?? []);
      },
      onLost: () => options.onLost?.(),
      onNothing: (passed) => void this.#onNothing(passed),
    });
  }

  start(): void {
    this.#consumer.start();
  }

  async stop(): Promise<void> {
    await this.#consumer.stop();
    const partitions = [...this.#partitions.values()];
    await Promise.all(partitions.map((partition) => partition.exclusively(async () => partition.close())));
    this.#admin.stop();
  }

  #onAssignment(assigned: readonly number[]): void {
    for (const partition of this.#partitions.values()) {
      partition.invalidate();
      if (!assigned.includes(partition.number)) void partition.exclusively(async () => partition.close());
    }
    for (const number of assigned) {
      const partition = this.#partition(number);
      void partition.exclusively(() => this.#openEarly(partition));
    }
    this.#options.onAssignment?.(assigned);
  }

  /** Before its first record arrives, so that what does not fit the log is found at once. The next batch tries again. */
  async #openEarly(partition: PartitionTransactions): Promise<void> {
    try {
      await partition.open(this.#options.onOpen);
    } catch (error) {
      partition.close();
      if (!isPassing(error)) this.#options.crash(error);
    }
  }

  #partition(number: number): PartitionTransactions {
    const found = this.#partitions.get(number);
    if (found !== undefined) return found;
    const created = new PartitionTransactions(this.#connection, this.#admin, this.#options.topic, number);
    this.#partitions.set(number, created);
    return created;
  }

  /** One batch at a time for a partition, also when an assignment changes while the last one is still being handled. */
  #onBatch(payload: EachBatchPayload, consumer: Consumer): Promise<void> {
    const partition = this.#partition(payload.batch.partition);
    return partition.exclusively(() => this.#handleBatch(partition, payload, consumer));
  }

  async #handleBatch(
    partition: PartitionTransactions,
    payload: EachBatchPayload,
    consumer: Consumer,
  ): Promise<void> {
    const { batch, resolveOffset, isRunning, isStale } = payload;
    const heartbeat = heartbeatOf(payload);
    try {
      const next = await partition.open(this.#options.onOpen);
      if (next < Number(batch.firstOffset())) return this.#seek(consumer, partition.number, next);
      for (const messages of slices(batch.messages, next, this.#options.recordsPerTransactionMax)) {
        if (!isRunning() || isStale()) return;
        const last = messages.at(-1);
        const lastRead =
          last === undefined || last === batch.messages.at(-1) ? batch.lastOffset() : last.offset;
        await this.#handleSlice(partition, { messages, nextOffset: Number(lastRead) + 1, heartbeat });
        resolveOffset(lastRead);
        await heartbeat();
      }
      resolveOffset(batch.lastOffset());
    } catch (error) {
      partition.close();
      if (error instanceof HeartbeatFailed) throw error.cause;
      await this.#onError(error);
    }
  }

  async #handleSlice(partition: PartitionTransactions, part: Omit<Slice, "partition">): Promise<void> {
    const slice = { partition: partition.number, ...part };
    const outputs = await this.#options.handle(slice);
    await partition.commit(outputs, slice.nextOffset);
  }

  /** An offset before what nothing follows would be older than the log once retention has removed that. */
  #onNothing({ partition: number, firstOffset, lastOffset }: PassedOffsets): Promise<void> {
    const partition = this.#partition(number);
    return partition.exclusively(async () => {
      try {
        const next = await partition.open(this.#options.onOpen);
        if (next < firstOffset || next > lastOffset) return;
        const heartbeat = (): Promise<void> => Promise.resolve();
        await this.#handleSlice(partition, { messages: [], nextOffset: lastOffset + 1, heartbeat });
      } catch (error) {
        partition.close();
        await this.#onError(error);
      }
    });
  }

  #seek(consumer: Consumer, partition: number, offset: number): void {
    consumer.seek({
      topic: prefixed(this.#connection, this.#options.topic),
      partition,
      offset: String(offset),
    });
  }

  async #onError(error: unknown): Promise<void> {
    if (error instanceof NeedsOperator || !isPassing(error)) {
      this.#options.crash(error);
      return;
    }
    this.#connection.log.warn({ error }, "a batch did not go through, it is fetched again");
    await new Promise((resolve) => setTimeout(resolve, errorPauseMs));
  }
}

/** The group no longer counts on this member: kafkajs has to see the cause to join anew. */
class HeartbeatFailed extends Error {}

function heartbeatOf(payload: EachBatchPayload): () => Promise<void> {
  return () =>
    payload.heartbeat().catch((cause: unknown) => {
      throw new HeartbeatFailed("heartbeat failed", { cause });
    });
}

/** Errors of the client and of stores that are away pass by themselves; anything else is a fault of ours. */
function isPassing(error: unknown): boolean {
  return error instanceof Unavailable || isClientError(error);
}

function* slices(
  messages: readonly KafkaMessage[],
  nextOffset: number,
  size: number,
): Generator<KafkaMessage[]> {
  const ahead = messages.filter((message) => Number(message.offset) >= nextOffset);
  for (let start = 0; start < ahead.length; start += size) yield ahead.slice(start, start + size);
}
