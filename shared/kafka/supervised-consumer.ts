import type { Consumer, EachBatchPayload } from "kafkajs";
import type { Log } from "../process/log.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { setBackWatch } from "./set-back.js";

// A consumer that outlives outages. kafkajs gives up after some retries, and its `run()` does not reject when it
// does: the CRASH event is watched instead, and a new consumer is made after a pause. Offsets are never committed
// automatically and never resolved automatically: a handler that returns without resolving gets the same records
// again.
//
// A new one is made as well when the machine's clock was set back: see set-back.ts.

/** Offsets of one partition, both ends included; the topic is the full name. */
export interface PassedOffsets {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

export interface SupervisedConsumerOptions {
  readonly groupId: string;
  /** Topics without the prefix. */
  readonly topics: readonly string[];
  readonly eachBatch: (payload: EachBatchPayload, consumer: Consumer) => Promise<void>;
  /** After every join of the group, with the partitions of each full topic name that are ours now. */
  readonly onAssignment?: (assignment: Readonly<Record<string, number[]>>) => void;
  /** When the consumer is given up; the next one joins the group anew. */
  readonly onLost?: () => void;
  /** Offsets that were read and hold nothing to handle: markers of transactions, and records of aborted ones. */
  readonly onNothing?: (passed: PassedOffsets) => void;
  /** How many partitions are handled at the same time. */
  readonly concurrency: number;
  readonly bytesPerPartitionMax?: number;
  /** The broker answers at once when it has so many bytes; default: whatever there is. */
  readonly bytesMin?: number;
  /** It answers after this when it has fewer; so long, too, a consumer sleeps that is paused everywhere. */
  readonly waitMsMax?: number;
}

const restartPauseMs = 500;
/** Between two looks at the clock. */
const clockPauseMs = 1000;

export class SupervisedConsumer {
  readonly #connection: KafkaConnection;
  readonly #options: SupervisedConsumerOptions;
  readonly #log: Log;
  readonly #clockTimer: NodeJS.Timeout;
  #consumer: Consumer | undefined;
  /** The one made last, whether it has started or not; undefined between two. */
  #latest: Consumer | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(connection: KafkaConnection, options: SupervisedConsumerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#log = connection.log;
    const wasSetBack = setBackWatch();
    this.#clockTimer = setInterval(() => {
      if (wasSetBack() && this.#latest !== undefined)
        this.#restart(this.#latest, new Error("the clock was set back"));
    }, clockPauseMs);
    this.#clockTimer.unref();
  }

  /** Starts consuming, now or as soon as the cluster answers. */
  start(): void {
    this.#running = this.#run();
  }

  /** The consumer of the moment, for seek, pause and resume. */
  get consumer(): Consumer | undefined {
    return this.#consumer;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#clockTimer);
    clearTimeout(this.#restartTimer);
    await this.#running;
    await this.#consumer?.disconnect();
  }

  async #run(): Promise<void> {
    const consumer = this.#create();
    this.#latest = consumer;
    try {
      await consumer.connect();
      const topics = this.#options.topics.map((topic) => prefixed(this.#connection, topic));
      await consumer.subscribe({ topics, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.#options.concurrency,
        eachBatch: (payload) => this.#options.eachBatch(payload, consumer),
      });
      if (consumer === this.#latest) this.#consumer = consumer;
    } catch (error) {
      this.#restart(consumer, error);
    }
  }

  #create(): Consumer {
    const { groupId, onAssignment, onNothing } = this.#options;
    const { bytesPerPartitionMax = 1_048_576, bytesMin = 1, waitMsMax = 300 } = this.#options;
    const consumer = this.#connection.kafka.consumer({
      groupId,
      sessionTimeout: 15_000,
      heartbeatInterval: 2000,
      minBytes: bytesMin,
      maxWaitTimeInMs: waitMsMax,
      maxBytesPerPartition: bytesPerPartitionMax,
      metadataMaxAge: 10_000,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 2000,
        retries: 5,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#restart(consumer, payload.error);
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (consumer !== this.#latest) return;
      this.#consumer = consumer;
      onAssignment?.(payload.memberAssignment);
    });
    // Such a batch never reaches `eachBatch`: who waits for the end of a log has to hear of it in this way.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, batchSize, firstOffset, lastOffset } = payload;
      const [first, last] = [Number(firstOffset ?? Number.NaN), Number(lastOffset)];
      if (batchSize === 0 && !Number.isNaN(first))
        onNothing?.({ topic, partition, firstOffset: first, lastOffset: last });
    });
    return consumer;
  }

  #restart(crashed: Consumer, error: unknown): void {
    if (this.#stopped || crashed !== this.#latest) return;
    this.#log.warn({ group: this.#options.groupId, error }, "consumer crashed, starting a new one");
    crashed.disconnect().catch(() => undefined);
    this.#latest = undefined;
    this.#consumer = undefined;
    this.#options.onLost?.();
    this.#restartTimer = setTimeout(() => {
      this.#running = this.#run();
    }, restartPauseMs);
  }
}
