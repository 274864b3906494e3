import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { replayStore } from "../../consumers/replay/store.js";
import { committedOffsets, topicLimits } from "../../shared/kafka/topic-limits.js";
import { keysSubmitted } from "../../shared/topology.js";
import { ReplayLease } from "../../shared/view/replay-lease.js";
import { steppedProcess } from "../hard-places/preloaded.js";
import { root } from "../river/a-process.js";
import { aRiver } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { aReplayRiver, tellableTeks, untilEnded, type ReplayRiver } from "./replay-river.js";

// The tests build on one another, in order: what one leaves, the next one begins with.

let it: ReplayRiver;

beforeAll(async () => {
  it = await aReplayRiver(await aRiver(inject("endpoints")));
  await it.traffic("first", 5000, 8);
  expect(await it.findings()).toEqual([]);
});
afterAll(() => it.stop());

const keys = () => it.audit.view.db.collection("keys");
const replayCollections = async (): Promise<readonly string[]> => {
  const found = await it.audit.view.db.listCollections({}, { nameOnly: true }).toArray();
  return found.map(({ name }) => name).filter((name) => name.startsWith("keys.replayed"));
};

/** What is remembered beyond its documents. */
const memories = async (): Promise<readonly string[]> => {
  const found = await it.audit.view.db.collection("keyMemory").find().toArray();
  return found.map((document) => JSON.stringify(document)).toSorted();
};

test("the fold of the log is the view, byte for byte, with revisions, embargo and races", async () => {
  const count = await keys().countDocuments();
  const revised = await keys().countDocuments({ revision: { $exists: true } });
  const held = await keys().countDocuments({ createdAt: { $gt: new Date() } });
  expect(Math.min(count, revised, held)).toBeGreaterThan(0);
  const { exitCode, out } = await it.replay("store");
  expect(out).toContain(`the keys in use are what the log says: ${count} are the same`);
  expect(out).toContain("nothing was changed");
  expect(exitCode).toBe(0);
  expect(await replayCollections()).toEqual([]);
});

test("what differs is counted and told without its key, and stays as it is", async () => {
  const [gone, changed] = await keys().find().limit(2).toArray();
  if (gone === undefined || changed === undefined) throw new Error("there are no keys");
  await keys().deleteOne({ _id: gone._id });
  await keys().updateOne({ _id: changed._id }, { $set: { transmissionRisk: 8 } });
  const { _id, ...rest } = gone;
  await keys().insertOne({ ...rest, _id: Buffer.alloc(16, 7) as never });
  const { exitCode, out, err } = await it.replay("store", "--dry-run");
  expect(out).toContain("1 missing, 1 extra, 1 changed");
  expect(out).toMatch(/changed: SHA-256 of the TEK [0-9a-f]{12}…, .*, differs in transmissionRisk\n/);
  expect(exitCode).toBe(3);
  for (const text of await tellableTeks(it.audit)) expect(out + err).not.toContain(text);
  expect(_id).toBeDefined();
  expect(await keys().countDocuments({ _id: Buffer.alloc(16, 7) as never })).toBe(1);
});

test("the swap repairs the view while phones publish, and nothing is lost or twice", async () => {
  const traffic = it.traffic("second", 4000, 10);
  await sleep(1000);
  const { out, err } = await it.replay("store", "--swap");
  await traffic;
  expect(err).toBe("");
  expect(out).toContain("swapped in; key-stores were held for");
  expect(await it.findings()).toEqual([]);
  expect((await it.replay("store")).exitCode).toBe(0);
});

test("a key-store decides nothing while a replay swaps, and goes on afterwards", async () => {
  const committed = () => committedOffsets({ ...it.connection, process: "key-store" }, keysSubmitted.topic);
  const decided = async () => [Object.fromEntries(await committed()), await keys().countDocuments()];
  const lease = new ReplayLease(it.audit.view, "held", 600);
  await lease.acquire("keys.replayed-held");
  await lease.hold();
  const before = await decided();
  const traffic = it.traffic("held", 500, 8);
  await sleep(2500);
  expect(await decided()).toEqual(before);
  await lease.end();
  await traffic;
  await eventually("the held publishes", async () => (await keys().countDocuments()) > Number(before.at(-1)));
});

test("a replay that was killed leaves nothing behind for the next one", async () => {
  const main = join(root, "dist/consumers/replay/main.js");
  const stepped = steppedProcess();
  stepped.order({ request: "^mongo .*createIndexes.*keys\\.replayed", at: "after", signal: "SIGKILL" });
  const env = { ...it.river.env, ...stepped.env };
  const child = spawn(process.execPath, [main, "store"], { env, stdio: "ignore" });
  await once(child, "exit");
  expect(await replayCollections()).toHaveLength(1);
  const lease = it.audit.view.db.collection("replay");
  await lease.updateMany({}, { $set: { until: new Date(Date.now() + 3_600_000) } });
  const refused = await it.replay("store");
  expect(refused.err).toContain("another replay of the store is running");
  expect(refused.exitCode).toBe(1);
  // As if its time were over.
  await lease.updateMany({}, { $set: { until: new Date(0) } });
  expect((await it.replay("store")).exitCode).toBe(0);
  expect(await replayCollections()).toEqual([]);
});

test("keys that were decided and not committed hold up the swap, until a key-store has finished them", async () => {
  await it.river.process("key-store").signal("SIGKILL");
  const committed = await committedOffsets({ ...it.connection, process: "key-store" }, keysSubmitted.topic);
  const traffic = it.traffic("unfinished", 1000, 8);
  const [[partition = 0, offset = 0] = []] = committed;
  await eventually("the partition to have a record to decide", async () => {
    const limits = await topicLimits(it.connection, [keysSubmitted.topic]);
    return limits.some((found) => found.partition === partition && found.high > offset);
  });
  // As a key-store leaves it that dies between the database and the commit.
  const advance = (nextOffset: number) =>
    it.audit.view.db.collection("progress").updateOne({ _id: partition as never }, { $set: { nextOffset } });
  await advance(offset + 1);
  const parts = {
    ...it.audit,
    connection: it.connection,
    keysRetentionSeconds: 336 * 3600,
    memory: { ensureIndexes: () => Promise.resolve(), remember: () => Promise.resolve() },
    nowSeconds: () => Date.now() / 1000,
    onProgress: () => undefined,
    limits: { finishSecondsMax: 0 },
  };
  const swapping = replayStore(parts, { swap: true, acceptGaps: false });
  await expect(swapping).rejects.toThrow(`keys of partition ${partition} were decided and not committed`);
  it.river.process("key-store").start();
  await traffic;
  expect((await it.replay("store", "--swap")).err).toBe("");
});

describe("after MongoDB is lost altogether", () => {
  test("a key-store that runs stops, and all goes on after a replay as if nothing had been", async () => {
    const remembered = await memories();
    expect(remembered.length).toBeGreaterThan(0);
    await it.audit.view.db.dropDatabase();
    const traffic = it.traffic("after the loss", 1000, 4);
    await untilEnded(it.river, "key-store", 60);
    expect(readFileSync(it.river.process("key-store").logFile, "utf8")).toMatch(
      /it was emptied or put back|the view is older than its log/,
    );
    // Whatever was written since is a beginning without its past.
    await it.river.process("export-window").signal("SIGTERM");
    await it.audit.view.db.dropDatabase();
    const { exitCode, out, err } = await it.replay("store", "--swap");
    expect(err).toBe("");
    expect(out).toMatch(/[1-9]\d* missing, 0 extra, 0 changed, 0 the same/);
    expect(exitCode).toBe(0);
    expect(await memories()).toEqual(remembered);
    it.river.process("key-store").start();
    // It gathers its ticks and windows from the log again.
    it.river.process("export-window").start();
    await traffic;
    await it.traffic("much later", 2000, 6);
    // While the view was empty both phones of a race could be told that they had revised; the log has one winner.
    const findings = (await it.findings()).filter(({ reason }) => reason !== "race_with_two_winners");
    expect(findings).toEqual([]);
  });
});

test("an offset of the group that was lost is found before anything is swapped", async () => {
  await it.river.process("key-store").signal("SIGTERM");
  const admin = it.connection.kafka.admin();
  await admin.connect();
  await eventually("the group to be empty", async () =>
    admin.deleteGroups([`${it.river.prefix}.key-store`]).then(
      () => true,
      () => false,
    ),
  );
  await admin.disconnect();
  const { exitCode, err } = await it.replay("store", "--swap");
  expect(err).toContain("its offset was lost, or set back");
  expect(exitCode).toBe(1);
  const committed = await committedOffsets({ ...it.connection, process: "key-store" }, keysSubmitted.topic);
  expect([...committed]).toEqual([]);
});

test.each([
  [["store", "--swap", "--dry-run"], "exclude each other"],
  [["stores"], "what is to be replayed"],
  [["store", "--no-such"], "Unknown option"],
])("%j is refused", async (words, sentence) => {
  const { exitCode, err } = await it.replay(...words);
  expect(err).toContain(sentence);
  expect(exitCode).toBe(2);
});

test("other settings than key-store's are refused", async () => {
  const env = { ...it.river.env, KEYS_RETENTION: "24h" };
  const { replay } = await aReplayRiver({ ...it.river, env, stop: () => Promise.resolve() });
  expect((await replay("store", "--swap")).err).toContain("KEYS_RETENTION is 86400 s here");
});
