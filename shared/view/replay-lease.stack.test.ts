import { beforeEach, describe, expect, test } from "vitest";
import { tekId } from "../keys/admission.js";
import { NeedsOperator, Unavailable } from "../process/outcomes.js";
import { aPlacedKey, bytesOf } from "../records/a-placed-key.test-support.js";
import { aView } from "./a-view.test-support.js";
import { KeyDocuments } from "./key-documents.js";
import { dropLeftovers, ReplayedKeys } from "./replayed-keys.js";
import { passReplay, ReplayLease } from "./replay-lease.js";

const view = aView();
const inUse = new KeyDocuments(view);
const retentionSeconds = 10 * 365 * 86_400;
const key = aPlacedKey();
const secondsMax = 60;

beforeEach(async () => {
  await view.db.dropDatabase();
});

/** A replay that has folded one key, and nothing yet done with it. */
async function aReplay(id: string): Promise<{ lease: ReplayLease; replayed: ReplayedKeys }> {
  const lease = new ReplayLease(view, id, secondsMax);
  const replayed = new ReplayedKeys(view, id);
  await lease.acquire(replayed.name);
  await replayed.create(retentionSeconds);
  await replayed.addInserted([key]);
  return { lease, replayed };
}

/** Seconds pass by the database's clock, as far as a lease can tell. */
async function pass(seconds: number): Promise<void> {
  const aged = { $set: { until: { $subtract: ["$until", seconds * 1000] } } };
  await view.db.collection("replay").updateMany({}, [aged]);
}

async function collections(): Promise<readonly string[]> {
  const found = await view.db.listCollections({}, { nameOnly: true }).toArray();
  return found.map(({ name }) => name).toSorted();
}

describe("two replays at once", () => {
  test("are refused, until the first has ended", async () => {
    const first = await aReplay("a");
    await expect(new ReplayLease(view, "b", secondsMax).acquire("other")).rejects.toThrow(NeedsOperator);
    await first.lease.end();
    await new ReplayLease(view, "b", secondsMax).acquire("other");
    await expect(first.lease.renew()).rejects.toThrow("was asleep");
  });

  test("are refused as long as the first renews, and what it made goes when it does not", async () => {
    const first = await aReplay("a");
    await pass(30);
    await first.lease.renew();
    await pass(30);
    await expect(new ReplayLease(view, "b", secondsMax).acquire("other")).rejects.toThrow(NeedsOperator);
    await pass(30);
    await new ReplayLease(view, "b", secondsMax).acquire("other");
    expect(await collections()).toEqual(["replay"]);
    await expect(first.lease.hold()).rejects.toThrow("was asleep");
  });

  test("can't come of one that was asleep too long, though nobody has noticed yet", async () => {
    const { lease } = await aReplay("a");
    await pass(secondsMax);
    await expect(lease.hold()).rejects.toThrow("was asleep");
  });

  test("leave nothing of the first to the second", async () => {
    await aReplay("a");
    await dropLeftovers(view);
    expect(await collections()).toEqual(["replay"]);
  });
});

describe("a key-store", () => {
  test("decides while a replay folds, and waits while it swaps", async () => {
    await passReplay(view);
    const { lease } = await aReplay("a");
    await passReplay(view);
    await lease.hold();
    await expect(passReplay(view)).rejects.toThrow(Unavailable);
    await lease.release();
    await passReplay(view);
    await lease.hold();
    await lease.end();
    await passReplay(view);
  });

  test("goes on when a replay sleeps in its swap, which then finds nothing to swap in", async () => {
    await inUse.insertNew([aPlacedKey({ tek: bytesOf("decided meanwhile") })]);
    const { lease, replayed } = await aReplay("a");
    await lease.hold();
    await lease.renew();
    await pass(secondsMax);
    await passReplay(view);
    await expect(replayed.swapIn()).rejects.toThrow("does not exist");
    await expect(lease.renew()).rejects.toThrow("was asleep");
    expect((await inUse.find([bytesOf("decided meanwhile")])).size).toBe(1);
  });
});

test("a swap puts the replayed keys in the place of those in use, with their index", async () => {
  await inUse.ensureIndexes(retentionSeconds);
  await inUse.insertNew([aPlacedKey({ tek: bytesOf("not in the log") })]);
  const { replayed } = await aReplay("a");
  await replayed.swapIn();
  expect((await inUse.find([bytesOf("not in the log")])).size).toBe(0);
  expect((await inUse.find([key.tek])).get(tekId(key.tek))).toEqual(key);
  const indexes = await view.db.collection("keys").listIndexes().toArray();
  expect(indexes).toMatchObject([
    { name: "_id_" },
    { name: "createdAt_ttl", expireAfterSeconds: retentionSeconds },
  ]);
  await replayed.drop();
});

test("keys come to the same in any order, and more than once", async () => {
  const revision = {
    reportType: "negative" as const,
    transmissionRisk: 6,
    revisedAtSeconds: 1_795_471_200,
    revisedBy: bytesOf("a revision"),
    revisedAt: { partition: 1, offset: 4 },
  };
  const revised = { ...key, revision };
  const { replayed } = await aReplay("a");
  await Promise.all([replayed.putRevised([revised]), replayed.addInserted([key])]);
  await replayed.addInserted([key, aPlacedKey({ tek: bytesOf("other") })]);
  await replayed.putRevised([revised]);
  await replayed.swapIn();
  const stored = await inUse.find([key.tek, bytesOf("other")]);
  expect(stored.get(tekId(key.tek))).toEqual(revised);
  expect(stored.size).toBe(2);
});
