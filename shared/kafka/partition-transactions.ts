import type { Admin, IHeaders, Producer, Transaction } from "kafkajs";
import { NeedsOperator, Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";

/** Records for one topic (named without the prefix); they go to the partition of the input, in this order. */
export interface OutgoingBatch {
  readonly topic: string;
  readonly values: readonly (Buffer | null)[];
  /** Where they go when not to the partition of the input. */
  readonly partition?: number;
  readonly headers?: IHeaders;
}

interface Open {
  readonly producer: Producer;
  transaction: Transaction | undefined;
  nextOffset: number;
}

type OnOpen = (opened: {
  partition: number;
  nextOffset: number;
  committed: boolean;
  low: number;
  high: number;
}) => Promise<void>;

/** The transactions of one input partition. See transactional-consumer.ts for the states. */
export class PartitionTransactions {
  readonly number: number;
  readonly #connection: KafkaConnection;
  readonly #admin: Admin;
  readonly #topic: string;
  #open: Open | undefined;
  #valid = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(connection: KafkaConnection, admin: Admin, topic: string, number: number) {
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
    await onOpen({ partition: this.number, ...position });
    this.#open.nextOffset = position.nextOffset;
    return position.nextOffset;
  }

  /** Produces the outputs and moves the committed offset, both or neither. */
  async commit(outputs: readonly OutgoingBatch[], nextOffset: number): Promise<void> {
    const open = this.#open;
    if (open === undefined || !this.#valid) throw new Unavailable("the assignment changed");
    const transaction = open.transaction ?? (await open.producer.transaction());
    open.transaction = undefined;
    for (const { topic, values, partition = this.number, headers } of outputs) {
      const messages = values.map((value) => ({
        key: null,
        value,
        partition,
        ...(headers === undefined ? {} : { headers }),
      }));
      if (messages.length > 0) {
        await transaction.send({ topic: prefixed(this.#connection, topic), acks: -1, messages });
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

  async #position(): Promise<{ nextOffset: number; committed: boolean; low: number; high: number }> {
    const topic = prefixed(this.#connection, this.#topic);
    const groupId = prefixed(this.#connection, this.#connection.process);
    const [group] = await this.#admin.fetchOffsets({ groupId, topics: [topic] });
    const limits = (await this.#admin.fetchTopicOffsets(topic)).find(
      ({ partition }) => partition === this.number,
    );
    const committed = Number(
      group?.partitions.find(({ partition }) => partition === this.number)?.offset ?? -1,
    );
    if (limits === undefined) throw new Unavailable(`${topic} has no partition ${this.number} yet`);
    const [low, high] = [Number(limits.low), Number(limits.high)];
    if (committed < 0) return { nextOffset: low, committed: false, low, high };
    if (committed < low || committed > high) {
      throw new NeedsOperator(
        `${topic} partition ${this.number} holds offsets ${low} to ${high}, but ${groupId} is at ${committed}. ` +
          'Records are gone, by retention or by a loss of the log. See docs/troubleshoot.md, "The log and the group disagree".',
      );
    }
    return { nextOffset: committed, committed: true, low, high };
  }
}
