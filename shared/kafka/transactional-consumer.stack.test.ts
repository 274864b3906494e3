import { afterEach, expect, inject, test } from "vitest";
import { aConnection, aTopic } from "../../test/hard-places/a-topic.js";
import { apiKeys, faultySockets, type Decide, type Fault } from "../../test/hard-places/faulty-sockets.js";
import { readCommitted } from "../../test/hard-places/read-committed.js";
import { Unavailable } from "../process/outcomes.js";
import { prefixed } from "./connect.js";
import { TransactionalConsumer, type Slice } from "./transactional-consumer.js";

// The whole consumer, in its group, over sockets that break: what goes in comes out once and in order.

const { brokers } = inject("endpoints").kafka;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const count = 200;
const inputs = Array.from({ length: count }, (_, index) => String(index));

async function aPipeline(): Promise<{ prefix: string; written: () => Promise<string[]> }> {
  const connection = aConnection(brokers, { process: "key-store" });
  const [input, output] = [await aTopic(connection, "in"), await aTopic(connection, "out")];
  const producer = connection.kafka.producer();
  await producer.connect();
  await producer.send({ topic: input, messages: inputs.map((value) => ({ value, partition: 0 })) });
  await producer.disconnect();
  const { prefix } = connection;
  const written = async (): Promise<string[]> => {
    await untilCommitted(prefix);
    return (await readCommitted(connection, output)).map(({ value }) => value.toString());
  };
  return { prefix, written };
}

async function untilCommitted(prefix: string, offset = count): Promise<void> {
  const connection = aConnection(brokers, { prefix, process: "key-store" });
  const [groupId, topic] = [prefixed(connection, "key-store"), prefixed(connection, "in")];
  const admin = connection.kafka.admin();
  await admin.connect();
  const committed = async (): Promise<number> =>
    Number((await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset);
  while ((await committed()) < offset) await new Promise((resolve) => setTimeout(resolve, 100));
  await admin.disconnect();
}

async function start(
  prefix: string,
  options: { decide: Decide; beforeHandling?: (slice: Slice) => void; gatherSecondsMax?: number },
): Promise<{ crashes: unknown[] }> {
  const { decide, beforeHandling = () => undefined, gatherSecondsMax = 0.05 } = options;
  const crashes: unknown[] = [];
  const connection = aConnection(brokers, {
    prefix,
    process: "key-store",
    socketFactory: faultySockets(decide),
  });
  const consumer = new TransactionalConsumer(connection, {
    topic: "in",
    recordsPerTransactionMax: 20,
    gatherSecondsMax,
    handle: async (slice) => {
      beforeHandling(slice);
      return [{ topic: "out", values: slice.messages.map(({ value }) => value) }];
    },
    onOpen: async () => undefined,
    crash: (error) => crashes.push(error),
  });
  consumer.start();
  stops.push(() => consumer.stop());
  return { crashes };
}

/** Every request of these kinds is counted; each third one fails, one way and then the other. */
function eachThird(...kinds: readonly number[]): Decide {
  const faults: readonly Fault[] = ["cut after", "cut before"];
  let seen = 0;
  return ({ apiKey }) => {
    if (!kinds.includes(apiKey)) return undefined;
    seen += 1;
    return seen % 3 === 0 ? faults[(seen / 3) % 2] : undefined;
  };
}

test.each([
  ["commits", eachThird(apiKeys.endTxn)],
  ["sends", eachThird(apiKeys.produce)],
  ["sends and commits", eachThird(apiKeys.produce, apiKeys.endTxn)],
])("when the connection breaks at %s, every record comes out once and in order", async (_, decide) => {
  const { prefix, written } = await aPipeline();
  const { crashes } = await start(prefix, { decide });
  expect(await written()).toEqual(inputs);
  expect(crashes).toEqual([]);
});

test("records that could not be handled are fetched again, and come out once", async () => {
  const { prefix, written } = await aPipeline();
  let slices = 0;
  const beforeHandling = (): void => {
    slices += 1;
    if (slices % 5 === 0) throw new Unavailable("away for a moment");
  };
  const { crashes } = await start(prefix, { decide: () => undefined, beforeHandling });
  expect(await written()).toEqual(inputs);
  expect(crashes).toEqual([]);
});

test("an error that does not pass crashes the process and commits nothing of its slice", async () => {
  const { prefix } = await aPipeline();
  const { crashes } = await start(prefix, {
    decide: () => undefined,
    beforeHandling: ({ messages }) => {
      if (messages[0]?.offset === "40") throw new Error("a fault of ours");
    },
  });
  while (crashes.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(String(crashes[0])).toContain("a fault of ours");
  const connection = aConnection(brokers, { prefix, process: "key-store" });
  const written = await readCommitted(connection, prefixed(connection, "out"));
  expect(written.map(({ value }) => value.toString())).toEqual(inputs.slice(0, 40));
});

test("records that come one by one are gathered into few slices", async () => {
  const { prefix } = await aPipeline();
  const sizes: number[] = [];
  const beforeHandling = ({ messages }: Slice): void => void sizes.push(messages.length);
  const gatherSecondsMax = 2;
  await start(prefix, { decide: () => undefined, beforeHandling, gatherSecondsMax });
  await untilCommitted(prefix);
  sizes.splice(0);
  const startedMs = performance.now();
  const producer = aConnection(brokers, { prefix, process: "admin" }).kafka.producer();
  await producer.connect();
  const topic = `${prefix}.in`;
  for (let sent = 0; sent < 10; sent++)
    await producer.send({ topic, messages: [{ value: String(sent), partition: 0 }] });
  await producer.disconnect();
  while (sizes.reduce((sum, size) => sum + size, 0) < 10)
    await new Promise((resolve) => setTimeout(resolve, 50));
  // One for each time of gathering, however long the sending takes, and one at its edge.
  const gatherings = Math.ceil((performance.now() - startedMs) / 1000 / gatherSecondsMax);
  expect(sizes.length).toBeLessThanOrEqual(gatherings + 1);
});

test.each([
  ["the mark of a transaction that wrote the last records", "commit"],
  ["what was aborted in the end, with its mark,", "abort"],
] as const)("%s is passed, too", async (_, end) => {
  const { prefix } = await aPipeline();
  const { crashes } = await start(prefix, { decide: () => undefined });
  await untilCommitted(prefix);
  const connection = aConnection(brokers, { prefix, process: "admin" });
  const producer = connection.kafka.producer({ transactionalId: prefix, idempotent: true });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: prefixed(connection, "in"), messages: [{ value: "late", partition: 0 }] });
  await transaction[end]();
  await producer.disconnect();
  await untilCommitted(prefix, count + 2);
  expect(crashes).toEqual([]);
});
