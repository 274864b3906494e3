import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Unavailable } from "../process/outcomes.js";
import { aConnection, asAdmin, makeTopic } from "./a-topic.test-support.js";
import { prefixed } from "./connect.js";
import { Follower } from "./follower.js";
import { RangeGone, RangeReader, type LogRange } from "./range-reader.js";
import { partitionWriter } from "./stream-writer.js";

const connection = aConnection();
const topics = ["plain", "marked", "eaten", "aborted"];
const reader = new RangeReader(connection, topics);

beforeAll(async () => {
  for (const topic of topics) await makeTopic(connection, topic, 3);
  for (const partition of [0, 1, 2]) await write("plain", partition, 10);
  await writeTransactions("marked", 0, "commit", "abort");
  await write("marked", 0, 1);
  await writeTransactions("aborted", 0, "commit", "abort");
  await writeTransactions("aborted", 1, "abort", "abort");
  await write("eaten", 0, 10);
  reader.start();
});
afterAll(() => reader.stop());

/** Writes `count` records that say where they are. */
async function write(topic: string, partition: number, count: number): Promise<void> {
  const writer = partitionWriter(connection, topic, partition, {
    queueBytesMax: 1_000_000,
    waitSecondsMax: 10,
  });
  const texts = Array.from({ length: count }, (_, offset) => `${partition}/${offset}`);
  await Promise.all(texts.map((text) => writer.write({ value: Buffer.from(text) })));
  await writer.stop();
}

/** Each transaction has two records and a marker. */
async function writeTransactions(
  topic: string,
  partition: number,
  ...ends: readonly ("commit" | "abort")[]
): Promise<void> {
  const producer = connection.kafka.producer({
    transactionalId: prefixed(connection, "writer"),
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  for (const end of ends) {
    const transaction = await producer.transaction();
    const messages = ["a", "b"].map((text) => ({ value: `${end} ${text}`, partition }));
    await transaction.send({ topic: prefixed(connection, topic), messages });
    await transaction[end]();
  }
  await producer.disconnect();
}

async function read(...ranges: LogRange[]): Promise<string[]> {
  const found: string[] = [];
  const take = (_range: LogRange, messages: readonly { value: Buffer | null }[]): Promise<void> => {
    found.push(...messages.map(({ value }) => String(value)));
    return Promise.resolve();
  };
  await reader.read(ranges, take, 60);
  return found;
}

function range(topic: string, partition: number, startOffset: number, endOffset: number): LogRange {
  return { topic, partition, startOffset, endOffset };
}

test("a range is half-open, and read in order", async () => {
  expect(await read(range("plain", 0, 3, 7))).toEqual(["0/3", "0/4", "0/5", "0/6"]);
});

test("ranges of several partitions are read whole, each in order", async () => {
  const found = await read(range("plain", 0, 8, 9), range("plain", 1, 0, 3), range("plain", 2, 5, 5));
  expect(found.filter((text) => text.startsWith("0/"))).toEqual(["0/8"]);
  expect(found.filter((text) => text.startsWith("1/"))).toEqual(["1/0", "1/1", "1/2"]);
  expect(found).toHaveLength(4);
});

test("the same reader reads the same range again, and another", async () => {
  const first = await read(range("plain", 1, 2, 9));
  expect(await read(range("plain", 1, 0, 2))).toEqual(["1/0", "1/1"]);
  expect(await read(range("plain", 1, 2, 9))).toEqual(first);
});

test("reads that are asked for at once do not disturb each other", async () => {
  const wanted = [range("plain", 0, 0, 5), range("plain", 0, 5, 9), range("plain", 2, 1, 4)];
  const found = await Promise.all(wanted.map((one) => read(one)));
  expect(found.map((texts) => texts.length)).toEqual([5, 4, 3]);
});

test("empty ranges are read at once, without the log", async () => {
  expect(await read()).toEqual([]);
  expect(await read(range("nowhere", 0, 4, 4))).toEqual([]);
});

test("what was aborted is not read, and markers do not hold a read up", async () => {
  expect(await read(range("marked", 0, 0, 6))).toEqual(["commit a", "commit b"]);
  expect(await read(range("marked", 0, 3, 6))).toEqual([]);
});

test("a range may end on a marker, and so may the log", async () => {
  expect(await read(range("marked", 0, 0, 3))).toEqual(["commit a", "commit b"]);
  expect(await read(range("aborted", 0, 0, 6))).toEqual(["commit a", "commit b"]);
  expect(await read(range("aborted", 0, 3, 6))).toEqual([]);
  expect(await read(range("aborted", 0, 5, 6), range("aborted", 1, 0, 6))).toEqual([]);
});

test("a follower is there when the log ends with what was aborted", async () => {
  const found: string[] = [];
  const follower = new Follower(connection, "aborted", async (records) => {
    found.push(...records.map(({ value }) => String(value)));
  });
  await follower.start();
  await follower.stop();
  expect(found).toEqual(["commit a", "commit b"]);
});

describe("a read that can't be whole", () => {
  test("is refused where retention has taken the beginning, even of one range", async () => {
    const topic = prefixed(connection, "eaten");
    await asAdmin(connection, async (admin) => {
      // The client deletes only from topics that it has asked about.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "4" }] });
    });
    await expect(read(range("eaten", 0, 3, 8), range("plain", 0, 0, 5))).rejects.toBeInstanceOf(RangeGone);
    expect(await read(range("eaten", 0, 4, 8))).toEqual(["0/4", "0/5", "0/6", "0/7"]);
  });

  test("ends in time where the end is not there yet", async () => {
    const waiting = reader.read([range("plain", 0, 8, 11)], () => Promise.resolve(), 1);
    await expect(waiting).rejects.toBeInstanceOf(Unavailable);
    expect(await read(range("plain", 0, 8, 9))).toEqual(["0/8"]);
  });

  test("fails with its handler, and leaves the reader fit for the next", async () => {
    const broken = reader.read([range("plain", 0, 0, 5)], () => Promise.reject(new Error("broken")), 60);
    await expect(broken).rejects.toThrow("broken");
    expect(await read(range("plain", 0, 0, 2))).toEqual(["0/0", "0/1"]);
  });
});
