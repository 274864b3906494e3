import { Kafka, logLevel, type Producer } from "kafkajs";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { aConnection, aTopic } from "../../test/hard-places/a-topic.js";
import {
  apiKeys,
  faultySockets,
  inTurn,
  type Decide,
  type Fault,
} from "../../test/hard-places/faulty-sockets.js";
import { readCommitted } from "../../test/hard-places/read-committed.js";
import { eventually } from "../../test/river/eventually.js";
import { NeedsOperator, Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { LastingAdmin } from "./lasting-admin.js";
import { PartitionTransactions } from "./partition-transactions.js";

// Two owners of one partition at the level where it is decided who may write: each test lets an old owner and a new one
// meet at the worst moment, which the sockets hold still.

const { brokers } = inject("endpoints").kafka;
const stops: (() => unknown)[] = [];
let connection: KafkaConnection;
let [input, output, group] = ["", "", ""];

beforeEach(async () => {
  connection = aConnection(brokers, { process: "key-store" });
  [input, output] = [await aTopic(connection, "in"), await aTopic(connection, "out")];
  group = prefixed(connection, "key-store");
  await write(input, ["0", "1", "2", "3"]);
});

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function write(topic: string, values: readonly string[]): Promise<void> {
  const producer = connection.kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
  await producer.disconnect();
}

async function written(): Promise<string[]> {
  return (await readCommitted(connection, output)).map(({ value }) => value.toString());
}

/** One owner of the partition, over sockets of its own. */
async function anOwner(decide: Decide = () => undefined): Promise<PartitionTransactions> {
  const { prefix } = connection;
  const own = aConnection(brokers, { prefix, process: "key-store", socketFactory: faultySockets(decide) });
  const admin = new LastingAdmin(own);
  const owner = new PartitionTransactions(own, admin, "in", 0);
  stops.push(
    () => owner.close(),
    () => admin.stop(),
  );
  return owner;
}

const accept = async (): Promise<void> => undefined;

/** Copies the input from where the owner stands up to `end`. */
async function copy(owner: PartitionTransactions, end: number): Promise<void> {
  const start = await owner.open(accept);
  const values = Array.from({ length: end - start }, (_, index) => Buffer.from(String(start + index)));
  await owner.commit([{ topic: "out", values }], end);
}

/** A decision that is held until `release`; `reached` resolves when a request waits for it. */
function aGate(of: number, fault?: Fault): { decide: Decide; reached: Promise<void>; release: () => void } {
  let [reach, release] = [(): void => undefined, (): void => undefined];
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const released = new Promise<Fault | undefined>((resolve) => (release = () => resolve(fault)));
  const decide: Decide = ({ apiKey }) => {
    if (apiKey !== of) return undefined;
    reach();
    return released;
  };
  return { decide, reached, release };
}

describe("an owner that commits while the next one takes over", () => {
  async function plainTransactional(decide: Decide): Promise<{ kafka: Kafka; producer: Producer }> {
    const kafka = new Kafka({
      brokers: [...brokers],
      socketFactory: faultySockets(decide),
      logLevel: logLevel.NOTHING,
    });
    const transactionalId = `${group}.in.0`;
    const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    stops.push(() => producer.disconnect());
    return { kafka, producer };
  }

  async function plainCopy(
    { kafka, producer }: Awaited<ReturnType<typeof plainTransactional>>,
    onRead = accept,
  ) {
    const admin = kafka.admin();
    await admin.connect();
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [input] });
    await admin.disconnect();
    await onRead();
    const start = Math.max(0, Number(found?.partitions[0]?.offset));
    const transaction = await producer.transaction();
    const messages = [0, 1, 2, 3].slice(start).map((value) => ({ value: String(value), partition: 0 }));
    if (messages.length > 0) await transaction.send({ topic: output, messages });
    const topics = [{ topic: input, partitions: [{ partition: 0, offset: "4" }] }];
    await transaction.sendOffsets({ consumerGroupId: group, topics });
    await transaction.commit();
  }

  test("plain kafkajs with a transactional id for each partition writes the batch twice", async () => {
    const [old, next] = [
      await plainTransactional(() => undefined),
      await plainTransactional(() => undefined),
    ];
    await plainCopy(next, () => plainCopy(old));
    expect(await written()).toEqual(["0", "1", "2", "3", "0", "1", "2", "3"]);
  });

  test("the next one reads the committed offset only once nobody else can commit", async () => {
    // The idempotent producer that kafkajs makes besides asks for an id of its own, first.
    let asked = 0;
    const gate = aGate(apiKeys.initProducerId);
    const next = await anOwner((request) => {
      if (request.apiKey === apiKeys.initProducerId && (asked += 1) === 1) return undefined;
      return gate.decide(request);
    });
    const old = await anOwner();
    await old.open(accept);
    const copied = copy(next, 4);
    await gate.reached;
    await copy(old, 4);
    gate.release();
    await copied;
    expect(await written()).toEqual(["0", "1", "2", "3"]);
  });

  test("an owner that was replaced can't commit what it holds", async () => {
    const gate = aGate(apiKeys.endTxn);
    const [old, next] = [await anOwner(gate.decide), await anOwner()];
    const commit = copy(old, 2).catch((error: unknown) => error);
    await gate.reached;
    await copy(next, 4);
    gate.release();
    expect(await commit).toMatchObject({ name: expect.stringMatching(/^KafkaJS/) as unknown });
    old.close();
    expect(await old.open(accept)).toBe(4);
    expect(await written()).toEqual(["0", "1", "2", "3"]);
  });

  test("a zombie that has committed before begins a transaction in vain", async () => {
    const [zombie, next] = [await anOwner(), await anOwner()];
    await copy(zombie, 1);
    await copy(next, 3);
    await expect(zombie.commit([{ topic: "out", values: [Buffer.from("1")] }], 2)).rejects.toThrow();
    expect(await written()).toEqual(["0", "1", "2"]);
  });
});

describe("a commit in doubt", () => {
  test("plain kafkajs can neither abort it nor go on with the producer", async () => {
    const kafka = new Kafka({
      brokers: [...brokers],
      socketFactory: faultySockets(inTurn(apiKeys.endTxn, ["cut after"])),
      logLevel: logLevel.NOTHING,
    });
    const producer = kafka.producer({ transactionalId: group, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    stops.push(() => producer.disconnect());
    const transaction = await producer.transaction();
    await transaction.send({ topic: output, messages: [{ value: "0", partition: 0 }] });
    await expect(transaction.commit()).rejects.toThrow("cut by the test");
    await expect(transaction.abort()).rejects.toThrow();
    await expect(producer.transaction()).rejects.toThrow(/COMMITTING/);
    // Who took that for a failure and wrote the batch again would write it twice: it is in the log.
    expect(await written()).toEqual(["0"]);
  });

  test.each<Fault>(["cut before", "cut after"])(
    "%s the broker's work, the batch is written once",
    async (fault) => {
      const owner = await anOwner(inTurn(apiKeys.endTxn, [fault, undefined, fault]));
      for (const end of [2, 3, 4]) {
        while (
          !(await copy(owner, end).then(
            () => true,
            () => false,
          ))
        )
          owner.close();
      }
      expect(await written()).toEqual(["0", "1", "2", "3"]);
    },
  );
});

describe("a log that does not fit the group's offset", () => {
  test("an offset beyond the end needs an operator", async () => {
    const [owner, next] = [await anOwner(), await anOwner()];
    await copy(owner, 5);
    const error = await next.open(accept).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NeedsOperator);
    expect(String(error)).toMatch(/holds offsets 0 to 4, but .* is at 5.*troubleshoot.md/);
  });

  test("records that were deleted before they were handled need an operator", async () => {
    const [owner, next] = [await anOwner(), await anOwner()];
    await copy(owner, 1);
    const admin = connection.kafka.admin();
    await admin.connect();
    await admin.fetchTopicOffsets(input);
    await admin.deleteTopicRecords({ topic: input, partitions: [{ partition: 0, offset: "2" }] });
    await admin.disconnect();
    const error = await next.open(accept).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NeedsOperator);
    expect(String(error)).toMatch(/holds offsets 2 to 4, but .* is at 1/);
  });

  test("a partition has a committed offset before anything of it is handled", async () => {
    const [owner, next] = [await anOwner(), await anOwner()];
    const seen: boolean[] = [];
    const onOpen = async ({ committed }: { committed: boolean }): Promise<void> => {
      seen.push(committed);
    };
    await owner.open(onOpen);
    owner.close();
    await next.open(onOpen);
    expect(seen).toEqual([false, true]);
  });
});

test("outputs that are larger together than their topic takes at once go out in one transaction", async () => {
  const owner = await anOwner();
  await owner.open(accept);
  const values = Array.from({ length: 12 }, (_, index) => Buffer.alloc(250_000, index));
  await owner.commit([{ topic: "out", values }], 4);
  expect((await readCommitted(connection, output)).map(({ value }) => value[0])).toEqual(
    values.map((value) => value[0]),
  );
});

test("outputs whose partition is not there yet are not taken for written, and come when it is", async () => {
  const owner = await anOwner();
  const start = await owner.open(accept);
  const outputs = [{ topic: "out", values: [Buffer.from("late")], partition: 1 }];
  await expect(owner.commit(outputs, start + 1)).rejects.toBeInstanceOf(Unavailable);
  owner.close();
  const admin = connection.kafka.admin();
  await admin.connect();
  await admin.createPartitions({ topicPartitions: [{ topic: output, count: 2 }] });
  await admin.disconnect();
  await eventually("the partition to be known", async () => {
    // Nothing was committed: it goes on where it stood.
    expect(await owner.open(accept)).toBe(start);
    return owner.commit(outputs, start + 1).then(
      () => true,
      () => {
        owner.close();
        return false;
      },
    );
  });
  expect(await written()).toEqual(["late"]);
});
