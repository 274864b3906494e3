import { afterEach, beforeAll, expect, test } from "vitest";
import { aConnection, asAdmin, makeTopic } from "./a-topic.test-support.js";
import { BoundedReader } from "./bounded-reader.js";
import { prefixed } from "./connect.js";
import { topicLimits } from "./topic-limits.js";
import { eventually } from "../../test/river/eventually.js";

const connection = aConnection();
const readers: BoundedReader[] = [];

beforeAll(async () => {
  for (const topic of ["marked", "eaten", "eaten-to-the-marker"]) await makeTopic(connection, topic, 2);
  await transaction("marked", "commit", ["a", "b"]);
  await transaction("marked", "abort", ["c"]);
  await transaction("eaten", "commit", ["a", "b"]);
});
afterEach(() => Promise.all(readers.splice(0).map((reader) => reader.stop())));

/** Resolves when the marker stands as well: the broker answers before that, and the log seems to end in front of it. */
async function transaction(topic: string, end: "commit" | "abort", texts: readonly string[]): Promise<void> {
  const before = await endOf(topic);
  const transactionalId = prefixed(connection, "writer");
  const producer = connection.kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const open = await producer.transaction();
  const messages = texts.map((value) => ({ value, partition: 0 }));
  await open.send({ topic: prefixed(connection, topic), messages });
  await open[end]();
  await producer.disconnect();
  const after = before + texts.length + 1;
  await eventually("the marker", async () => (await endOf(topic)) === after);
}

async function endOf(topic: string): Promise<number> {
  const limits = await topicLimits(connection, [topic]);
  return limits.find(({ partition }) => partition === 0)?.high ?? 0;
}

function deleteBefore(name: string, offset: number): Promise<void> {
  const topic = prefixed(connection, name);
  return asAdmin(connection, async (admin) => {
    // The client deletes only from topics that it has asked about.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });
}

function aReader(
  topic: string,
  from?: ReadonlyMap<string, number>,
): { reader: BoundedReader; seen: string[] } {
  const seen: string[] = [];
  const reader = new BoundedReader(connection, {
    topics: [topic],
    ...(from === undefined ? {} : { from }),
    handle: async (_place, messages) => {
      seen.push(...messages.map(({ value }) => String(value)));
    },
  });
  readers.push(reader);
  reader.start();
  return { reader, seen };
}

test("a read ends at the end of the log, though that is a marker behind records that nobody sees", async () => {
  const { reader, seen } = aReader("marked");
  const ends = await topicLimits(connection, ["marked"]);
  expect(ends.map(({ high }) => high)).toEqual([5, 0]);
  await reader.until(ends, 60);
  expect(seen).toEqual(["a", "b"]);
});

test("a read that finds nothing but markers and aborted records ends as well", async () => {
  const { reader, seen } = aReader("marked", new Map([["marked/0", 3]]));
  await reader.until(await topicLimits(connection, ["marked"]), 60);
  expect(seen).toEqual([]);
});

test("a read is taken up where another one ended", async () => {
  const first = aReader("marked");
  await first.reader.until(await topicLimits(connection, ["marked"]), 60);
  await first.reader.stop();
  await transaction("marked", "commit", ["d"]);
  const second = aReader("marked", first.reader.positions);
  await second.reader.until(await topicLimits(connection, ["marked"]), 60);
  expect(second.seen).toEqual(["d"]);
});

test("what retention takes from under a read is not skipped in silence", async () => {
  await deleteBefore("eaten", 2);
  await transaction("eaten", "commit", ["c"]);
  const { reader } = aReader("eaten", new Map([["eaten/0", 1]]));
  await expect(reader.until(await topicLimits(connection, ["eaten"]), 60)).rejects.toThrow("instead of 1");
});

test("nor is it where nothing is left but a marker", async () => {
  const topic = "eaten-to-the-marker";
  await transaction(topic, "commit", ["a", "b"]);
  await deleteBefore(topic, 2);
  const { reader, seen } = aReader(topic, new Map([[`${topic}/0`, 1]]));
  await expect(reader.until(await topicLimits(connection, [topic]), 60)).rejects.toThrow("instead of 1");
  expect(seen).toEqual([]);
});

test("what the handler throws ends the read", async () => {
  const reader = new BoundedReader(connection, {
    topics: ["marked"],
    handle: () => Promise.reject(new Error("no room")),
  });
  readers.push(reader);
  reader.start();
  await expect(reader.until(await topicLimits(connection, ["marked"]), 60)).rejects.toThrow("no room");
});
