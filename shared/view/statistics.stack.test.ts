import { beforeAll, expect, inject, test } from "vitest";
import { Unavailable } from "../process/outcomes.js";
import { noCounts, type HourCounts } from "../stats/counts.js";
import { aView } from "./a-view.test-support.js";
import { connectView } from "./connect-view.js";
import { Statistics } from "./statistics.js";

const view = aView();
const statistics = new Statistics(view);
/** Yesterday, so that the database does not take the documents for old ones. */
const hourSeconds = Math.floor(Date.now() / 86_400_000) * 86_400 - 43_200;
let nextPartition = 0;

beforeAll(() => statistics.ensureIndexes(1_209_600));

/** A partition that no other test counts, opened. */
async function aPartition(): Promise<number> {
  const partition = nextPartition++;
  expect(await statistics.open(partition)).toBe(0);
  return partition;
}

function hourOf(healthAuthorityId: string, changes: Partial<HourCounts> = {}): HourCounts {
  return { healthAuthorityId, hourSeconds, ...noCounts, publish: [0, 1, 0], teks: 14, ...changes };
}

test("counts of the same hour add up, and the position moves with them", async () => {
  const partition = await aPartition();
  const hours = [hourOf("sum"), hourOf("sum other"), hourOf("sum", { hourSeconds: hourSeconds + 3600 })];
  expect(await statistics.add({ partition, fromOffset: 0, nextOffset: 5, hours })).toBe(true);
  const more = [hourOf("sum", { publish: [1, 0, 2], teks: 1, missingOnset: 3 })];
  expect(await statistics.add({ partition, fromOffset: 5, nextOffset: 9, hours: more })).toBe(true);
  expect(await statistics.position(partition)).toBe(9);
  expect(await statistics.hoursOf("sum")).toEqual([
    hourOf("sum", { publish: [1, 1, 2], teks: 15, missingOnset: 3 }),
    hourOf("sum", { hourSeconds: hourSeconds + 3600 }),
  ]);
});

test("counts from any other position than where the partition stands change nothing", async () => {
  const partition = await aPartition();
  const hours = [hourOf("guarded")];
  expect(await statistics.add({ partition, fromOffset: 0, nextOffset: 5, hours })).toBe(true);
  for (const fromOffset of [0, 4, 6])
    expect(await statistics.add({ partition, fromOffset, nextOffset: 8, hours })).toBe(false);
  expect(await statistics.position(partition)).toBe(5);
  expect(await statistics.hoursOf("guarded")).toEqual(hours);
});

test("a partition that was not opened takes no counts", async () => {
  const partition = nextPartition++;
  expect(await statistics.position(partition)).toBeUndefined();
  expect(await statistics.add({ partition, fromOffset: 0, nextOffset: 1, hours: [hourOf("early")] })).toBe(
    false,
  );
  expect(await statistics.hoursOf("early")).toEqual([]);
});

test("of many who count the same records at once exactly one does", async () => {
  const partition = await aPartition();
  const range = { partition, fromOffset: 0, nextOffset: 3, hours: [hourOf("raced")] };
  // One that meets another's unfinished transaction is told to come again.
  const addPatiently = (owner: Statistics): Promise<boolean> =>
    owner.add(range).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error;
      return addPatiently(owner);
    });
  const owners = Array.from({ length: 8 }, () => new Statistics(view));
  for (const owner of owners) await owner.open(partition);
  const results = await Promise.all(owners.map(addPatiently));
  expect(results.filter((isAdded) => isAdded)).toHaveLength(1);
  expect(await statistics.hoursOf("raced")).toEqual([hourOf("raced")]);
});

test("partitions count beside each other", async () => {
  const partitions = [await aPartition(), await aPartition()];
  const hours = [hourOf("beside")];
  await Promise.all(
    partitions.map((partition) => statistics.add({ partition, fromOffset: 0, nextOffset: 1, hours })),
  );
  expect(await statistics.hoursOf("beside")).toEqual([hourOf("beside"), hourOf("beside")]);
});

test("the hours of a day go together, when the day has ended that long ago, and positions stay", async () => {
  const partition = await aPartition();
  const dayStart = Math.floor(Date.now() / 86_400_000) * 86_400 - 5 * 86_400;
  const hours = [0, 86_399].map((second) => hourOf("old", { hourSeconds: dayStart + second }));
  await statistics.add({ partition, fromOffset: 0, nextOffset: 7, hours });
  const documents = await view.db.collection("statistics").find({ healthAuthorityId: "old" }).toArray();
  const dayEnd = new Date((dayStart + 86_400) * 1000);
  expect(documents.map((document) => document["dayEnd"] as Date)).toEqual([dayEnd, dayEnd]);
  const { expireAfterSeconds } =
    (await view.db.collection("statistics").listIndexes().toArray()).find(
      ({ name }) => name === "dayEnd_ttl",
    ) ?? {};
  expect(expireAfterSeconds).toBe(1_209_600);
  await statistics.ensureIndexes(4 * 86_400 - 3600);
  await expect.poll(() => statistics.hoursOf("old"), { timeout: 60_000 }).toEqual([]);
  expect(await statistics.position(partition)).toBe(7);
});

test("opening again leaves the position where it is", async () => {
  const partition = await aPartition();
  await statistics.add({ partition, fromOffset: 0, nextOffset: 4, hours: [] });
  expect(await statistics.open(partition)).toBe(4);
});

test("who died in the middle of counting does not hold up who takes over", async () => {
  const partition = await aPartition();
  const died = connectView({
    mongodbUrl: inject("endpoints").mongodb.url,
    prefix: view.db.databaseName,
    process: "test",
  });
  const session = died.db.client.startSession();
  const positions = died.db.collection<{ _id: string; session: unknown }>("statistics");
  const position = { _id: `position/${partition}` };
  await positions.updateOne(position, { $set: { session: session.id?.id } });
  session.startTransaction();
  await positions.updateOne(position, { $set: { session: "locked" } }, { session });
  expect(await statistics.open(partition)).toBe(0);
  const hours = [hourOf("taken over")];
  expect(await statistics.add({ partition, fromOffset: 0, nextOffset: 1, hours })).toBe(true);
  await expect(session.commitTransaction()).rejects.toThrow();
  await died.stop();
  expect(await statistics.hoursOf("taken over")).toEqual(hours);
});
