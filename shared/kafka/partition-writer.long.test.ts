import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStack, type Stack } from "../../compose/stack.js";
import { aConnection } from "../../test/hard-places/a-topic.js";
import { plainProducer } from "../../test/hard-places/plain-kafkajs.js";
import { readCommitted } from "../../test/hard-places/read-committed.js";
import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { createTopics } from "./create-topics.js";
import type { PartitionWriter } from "./partition-writer.js";
import { partitionWriter } from "./stream-writer.js";

// What takes three brokers of its own: leaders that move, and a broker that is stopped for real.

let stack: Stack;
let brokers: readonly string[];

beforeAll(async () => {
  stack = await openStack({ name: "three-brokers", env: process.env, brokers: 3, partsOnly: true });
  brokers = stack.endpoints.kafka.brokers;
}, 300_000);
afterAll(() => stack.stop({ purge: true }), 60_000);

/** A topic whose partitions are led, and only held, by these brokers. */
async function aTopicOn(leaders: readonly number[]): Promise<{ connection: KafkaConnection; topic: string }> {
  const connection = aConnection(brokers);
  const topic = prefixed(connection, "t");
  const replicaAssignment = leaders.map((leader, partition) => ({ partition, replicas: [leader] }));
  await withAdmin(connection, (admin) => createTopics(admin, [{ topic, replicaAssignment }]));
  return { connection, topic };
}

async function withAdmin<Result>(
  { kafka }: KafkaConnection,
  work: (admin: ReturnType<KafkaConnection["kafka"]["admin"]>) => Promise<Result>,
): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Moves a partition, and waits until its new leader leads. */
async function move(
  connection: KafkaConnection,
  topic: string,
  partition: number,
  to: number,
): Promise<void> {
  await withAdmin(connection, async (admin) => {
    const partitionAssignment = [{ partition, replicas: [to] }];
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    const leader = async (): Promise<number | undefined> =>
      (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.find(
        ({ partitionId }) => partitionId === partition,
      )?.leader;
    while ((await leader()) !== to) await new Promise((resolve) => setTimeout(resolve, 100));
  });
}

async function texts(connection: KafkaConnection, topic: string): Promise<Map<string, string>> {
  const records = await readCommitted(connection, topic);
  return new Map(records.map(({ partition, offset, value }) => [`${partition}/${offset}`, value.toString()]));
}

const record = (text: string) => ({ value: Buffer.from(text) });

function aWriter(connection: KafkaConnection, partition: number): PartitionWriter {
  return partitionWriter(connection, "t", partition, { queueBytesMax: 8_000_000, waitSecondsMax: 120 });
}

describe("a leader that moves to a broker which another partition of the send has", () => {
  test("plain kafkajs acknowledges a send of which one partition was never sent", async () => {
    const { connection, topic } = await aTopicOn([1, 2]);
    const producer = await plainProducer(brokers, { retries: 5 });
    const send = (text: string) =>
      producer.send({ topic, acks: -1, messages: [0, 1].map((partition) => ({ partition, value: text })) });
    await send("before");
    await move(connection, topic, 1, 1);
    const acknowledged = await send("behind");
    await producer.disconnect();
    expect(acknowledged.map(({ partition }) => partition)).toEqual([0]);
    expect(await texts(connection, topic)).toEqual(
      new Map([
        ["0/0", "before"],
        ["0/1", "behind"],
        ["1/0", "before"],
      ]),
    );
  });

  test("the writers have each acknowledged record at its offset", async () => {
    const { connection, topic } = await aTopicOn([1, 2]);
    const writers = [0, 1].map((partition) => aWriter(connection, partition));
    const acknowledged = new Map<string, string>();
    for (const to of [1, 3, 2, 1]) {
      for (const text of [`before ${to}`, `while ${to}`]) {
        const moved = text.startsWith("while") ? move(connection, topic, 1, to) : Promise.resolve();
        const written = await Promise.all(writers.map((writer) => writer.write(record(text))));
        await moved;
        for (const { partition, offset } of written) acknowledged.set(`${partition}/${offset}`, text);
      }
    }
    await Promise.all(writers.map((writer) => writer.stop()));
    expect(acknowledged.size).toBe(16);
    expect(await texts(connection, topic)).toEqual(acknowledged);
  });
});

describe("a broker that is stopped until all retries are exhausted", () => {
  test("plain kafkajs acknowledges what it sends next with an old offset, and loses it", async () => {
    const { connection, topic } = await aTopicOn([3]);
    const producer = await plainProducer(brokers, { retries: 1, requestTimeoutMs: 1000 });
    const send = (value: string) => producer.send({ topic, acks: -1, messages: [{ value, partition: 0 }] });
    await send("before");
    await stack.part("kafka-3").pause();
    await expect(send("first")).rejects.toThrow();
    await stack.part("kafka-3").resume();
    const [acknowledged] = await send("second");
    await producer.disconnect();
    expect(acknowledged).toMatchObject({ partition: 0, errorCode: 0, baseOffset: "1" });
    expect(await texts(connection, topic)).toEqual(
      new Map([
        ["0/0", "before"],
        ["0/1", "first"],
      ]),
    );
  });

  test("the writer tells the first as unknown and has what comes next at its offset", async () => {
    const { connection, topic } = await aTopicOn([3]);
    const writer = aWriter(connection, 0);
    await writer.write(record("before"));
    await stack.part("kafka-3").pause();
    await expect(writer.write(record("first"))).rejects.toBeInstanceOf(Unavailable);
    await stack.part("kafka-3").resume();
    const acknowledged = await untilWritten(writer, "second");
    await writer.stop();
    const written = await texts(connection, topic);
    expect(written.get(`0/${acknowledged}`)).toBe("second");
    expect(written.get("0/0")).toBe("before");
  });
});

/** As a phone does it: again while it is told 503. */
async function untilWritten(writer: PartitionWriter, text: string): Promise<number> {
  for (;;) {
    const written = await writer.write(record(text)).catch(() => undefined);
    if (written !== undefined) return written.offset;
  }
}
