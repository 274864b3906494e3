import type { IHeaders, Producer, Transaction } from "kafkajs";
import { NeedsOperator, Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import type { LastingAdmin } from "./lasting-admin.js";
import { sendBytesMax } from "./send-bytes.js";
import { writtenOffset } from "./written-offset.js";

/** Records for one topic (named without the prefix); they go to the partition of the input, in this order. */
export interface OutgoingBatch {
  readonly topic: string;
  readonly values: readonly (Buffer | null)[];
  /** The key of each of them; none when not given. */
  readonly key?: Buffer | null;
  /** Where they go when not to the partition of the input. */
  readonly partition?: number;
  readonly headers?: IHeaders;
}

interface Open {
  readonly producer: Producer;
  transaction: Transaction | undefined;
  nextOffset: number;
}

/** A partition that nobody else can commit any more. */
export interface OpenedPartition {
  readonly partition: number;
  /** Where it goes on: the committed offset, or the beginning of the log when there is none. */
  readonly nextOffset: number;
  readonly committed: boolean;
  /** Where the log ends at the time of the call. An owner that was replaced may still read on, and so may its sink. */
  logEnd(): Promise<number>;
  /** `committed` at the time of the call: whoever replaced us while we were asleep has committed since. */
  isCommittedNow(): Promise<boolean>;
}

type OnOpen = (opened: OpenedPartition) => Promise<void>;

const recordOverheadBytes = 64;
/** What the cluster tells of a group that has no offset. */
const noOffset = -1;

/** The transactions of one input partition. See transactional-consumer.ts for the states. */
export class PartitionTransactions {
  readonly number: number;
  readonly #connection: KafkaConnection;
  readonly #admin: LastingAdmin;
  readonly #topic: string;
  #open: Open | undefined;
  #valid = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(connection: KafkaConnection, admin: LastingAdmin, topic: string, number: number) {
    this.#connection = connection;
    this.#admin = admin;
    this.#topic = topic;
    this.number = number;
  }

  /** Runs `work` after everything that was asked for earlier. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** The assignment changed: what is open counts no longer. */
  invalidate(): void {
    this.#valid = false;
  }

  /**
   * Opens the partition where it is closed. Gives the offset to go on from.
   * @throws {NeedsOperator} when records that were not handled yet are no longer in the log.
   */
  async open(onOpen: OnOpen): Promise<number> {
    if (this.#open !== undefined && this.#valid) return this.#open.nextOffset;
    this.close();
    this.#valid = true;
    const producer = this.#connection.kafka.producer({
      transactionalId: prefixed(
        this.#connection,
        `${this.#connection.process}.${this.#topic}.${this.number}`,
      ),
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: 30_000,
      allowAutoTopicCreation: false,
    });
    this.#open = { producer, transaction: undefined, nextOffset: -1 };
    await producer.connect();
    // Beginning fences the producer before us, and waits until its last transaction has ended either way.
    this.#open.transaction = await producer.transaction();
    const position = await this.#position();
    const logEnd = async (): Promise<number> => (await this.#limits()).high;
    const isCommittedNow = async (): Promise<boolean> => (await this.#position()).committed;
    await onOpen({ partition: this.number, ...position, logEnd, isCommittedNow });
    this.#open.nextOffset = position.nextOffset;
    // Committed before anything is handled: a sink that has seen records of a group without an offset tells of a loss.
    if (!position.committed) await this.commit([], position.nextOffset);
    return position.nextOffset;
  }

  /** Produces the outputs and moves the committed offset, both or neither. */
  async commit(outputs: readonly OutgoingBatch[], nextOffset: number): Promise<void> {
    const open = this.#open;
    if (open === undefined || !this.#valid) throw new Unavailable("the assignment changed");
    const transaction = open.transaction ?? (await open.producer.transaction());
    open.transaction = undefined;
    for (const { topic, values, key = null, partition = this.number, headers = {} } of outputs) {
      for (const sent of bySize(values)) {
        const messages = sent.map((value) => ({ key, value, partition, headers }));
        const to = { topic: prefixed(this.#connection, topic), partition };
        writtenOffset(await transaction.send({ topic: to.topic, acks: -1, messages }), to);
      }
    }
    await transaction.sendOffsets({
      consumerGroupId: prefixed(this.#connection, this.#connection.process),
      topics: [
        {
          topic: prefixed(this.#connection, this.#topic),
          partitions: [{ partition: this.number, offset: String(nextOffset) }],
        },
      ],
    });
    if (!this.#valid) throw new Unavailable("the assignment changed");
    await transaction.commit();
    open.nextOffset = nextOffset;
  }

  /** Throws the producer away; an open transaction is left to whoever opens next, who fences it. */
  close(): void {
    // Disconnecting may hang on a dead broker; nothing waits for it.
    this.#open?.producer.disconnect().catch(() => undefined);
    this.#open = undefined;
  }

  async #position(): Promise<{ nextOffset: number; committed: boolean }> {
    const topic = prefixed(this.#connection, this.#topic);
    const groupId = prefixed(this.#connection, this.#connection.process);
    const [group] = await this.#admin.ask((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const committed = Number(
      group?.partitions.find(({ partition }) => partition === this.number)?.offset ?? noOffset,
    );
    const { low, high } = await this.#limits();
    if (committed === noOffset) return { nextOffset: low, committed: false };
    if (committed < low || committed > high) {
      // The client writes a negative one over an offset that its fetch found outside of the log.
      const at = committed < 0 ? "was outside of them" : `is at ${committed}`;
      throw new NeedsOperator(
        `${topic} partition ${this.number} holds offsets ${low} to ${high}, but ${groupId} ${at}. ` +
          'Records are gone, by retention or by a loss of the log. See docs/troubleshoot.md, "The log and the group disagree".',
      );
    }
    return { nextOffset: committed, committed: true };
  }

  async #limits(): Promise<{ low: number; high: number }> {
    const topic = prefixed(this.#connection, this.#topic);
    const limits = await this.#admin.ask((admin) => admin.fetchTopicOffsets(topic));
    const found = limits.find(({ partition }) => partition === this.number);
    if (found === undefined) throw new Unavailable(`${topic} has no partition ${this.number} yet`);
    return { low: Number(found.low), high: Number(found.high) };
  }
}

/** Splits into sends, in order; a value that is too large even alone goes alone, for the broker to refuse. */
function bySize(values: readonly (Buffer | null)[]): (Buffer | null)[][] {
  const sends: (Buffer | null)[][] = [];
  let bytesLeft = 0;
  for (const value of values) {
    const bytes = (value?.length ?? 0) + recordOverheadBytes;
    const current = bytes <= bytesLeft ? sends.at(-1) : undefined;
    if (current === undefined) sends.push([value]);
    else current.push(value);
    bytesLeft = (current === undefined ? sendBytesMax : bytesLeft) - bytes;
  }
  return sends;
}
