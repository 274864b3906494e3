import type { Producer, Transaction } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import type { OutgoingRecord } from "./partition-writer.js";
import { writtenOffset } from "./written-offset.js";

// Writing records of several topics together: readers of committed records see all of them or none. The rules of
// partition-writer.ts hold: one send in flight, each to one partition, and after any error the producer is thrown away.
// A writer begins before its caller looks at what is there: beginning fences whoever wrote under the same name, and
// waits until that one's last transaction has ended, so that what is seen afterwards is changed by nobody else.

/** A record and where it goes; the topic is named without the prefix. */
export interface PlacedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly record: OutgoingRecord;
}

/** Others read behind an open transaction only when it has ended, which the broker makes it do after this time. */
const transactionTimeoutMs = 15_000;

export class TransactionalWriter {
  readonly #connection: KafkaConnection;
  readonly #name: string;
  #producer: Producer | undefined;
  #transaction: Transaction | undefined;

  /** One writer of a name at a time: a later one shuts the earlier one out. */
  constructor(connection: KafkaConnection, name: string) {
    this.#connection = connection;
    this.#name = name;
  }

  /** Shuts out earlier writers. @throws {Unavailable} */
  async begin(): Promise<void> {
    try {
      this.#producer = this.#connection.kafka.producer({
        transactionalId: prefixed(this.#connection, this.#name),
        idempotent: true,
        maxInFlightRequests: 1,
        transactionTimeout: transactionTimeoutMs,
        allowAutoTopicCreation: false,
      });
      await this.#producer.connect();
      this.#transaction = await this.#producer.transaction();
    } catch (error) {
      this.#discard();
      throw new Unavailable("the cluster did not begin a transaction", { cause: error });
    }
  }

  /**
   * Writes all of them or none, in their order. After an error nothing more can be written.
   * @throws {Unavailable} whose message tells whether nothing was written or whether that is unknown.
   */
  async write(records: readonly PlacedRecord[]): Promise<void> {
    const transaction = await this.#begun();
    try {
      for (const record of records) await this.#send(transaction, record);
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      this.#discard();
      throw new Unavailable("nothing was written", { cause: error });
    }
    try {
      await transaction.commit();
    } catch (error) {
      this.#discard();
      throw new Unavailable("it is unknown whether the records were written", { cause: error });
    }
  }

  async stop(): Promise<void> {
    await this.#transaction?.abort().catch(() => undefined);
    await this.#producer?.disconnect().catch(() => undefined);
  }

  /** The transaction that is open, or the next one. */
  async #begun(): Promise<Transaction> {
    const open = this.#transaction;
    this.#transaction = undefined;
    if (open !== undefined) return open;
    if (this.#producer === undefined)
      throw new Unavailable("nothing was written: the writer has failed before");
    try {
      return await this.#producer.transaction();
    } catch (error) {
      this.#discard();
      throw new Unavailable("nothing was written", { cause: error });
    }
  }

  async #send(transaction: Transaction, { topic, partition, record }: PlacedRecord): Promise<void> {
    const fullTopic = prefixed(this.#connection, topic);
    const messages = [{ key: null, ...record, partition }];
    const answer = await transaction.send({ topic: fullTopic, acks: -1, messages });
    writtenOffset(answer, { topic: fullTopic, partition });
  }

  #discard(): void {
    // Disconnecting may hang on a dead broker; nothing waits for it.
    this.#producer?.disconnect().catch(() => undefined);
    this.#producer = undefined;
  }
}
