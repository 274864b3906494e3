import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { LogRecord } from "../../shared/kafka/log-record.js";
import { appendTime } from "../../shared/kafka/record-time.js";
import { insertedBy } from "../../shared/keys/submission-identity.js";
import { bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { registerSchemas, type SchemaFraming } from "../../shared/registry/schema-framing.js";
import {
  deadLetterTopic,
  keysAccepted,
  keysSubmitted,
  type AcceptedRecord,
  type Submitted,
} from "../../shared/topology.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { KeyMemory } from "../../shared/view/key-memory.js";
import { Progress } from "../../shared/view/progress.js";
import { Submissions } from "../../shared/view/submissions.js";
import { aSubmitted, aSubmittedKey, appendedAtSeconds } from "./a-submission.test-support.js";
import { decideSlice, type KeyStore } from "./pipeline.js";

// The steps of key-store on the real MongoDB and registry, one slice at a time, so that a test says what comes between.

const prefix = `t-${randomBytes(5).toString("hex")}`;
const { mongodb, registry } = inject("endpoints");
let framing: SchemaFraming;
let view: View;

beforeAll(async () => {
  framing = await registerSchemas(registry.url, prefix);
  view = connectView({ mongodbUrl: mongodb.url, prefix, process: "test" });
});
afterAll(async () => {
  await view.db.dropDatabase();
  await view.stop();
});

/** Keys whose revisions are written only after `before` has run. */
class LateRevisions extends KeyDocuments {
  readonly #before: () => Promise<unknown>;

  constructor(before: () => Promise<unknown>) {
    super(view);
    this.#before = before;
  }

  override async revise(keys: readonly PlacedKey[]): Promise<readonly PlacedKey[]> {
    await this.#before();
    return super.revise(keys);
  }
}

const memoryKey = createSecretKey(randomBytes(32));
const memoryRule = {
  keysRetentionSeconds: 14 * 86_400,
  keyAgeSecondsMax: 15 * 86_400,
  truncateWindowSeconds: 3600,
  releaseStillValidKeys: false,
};

function aStore(keys = new KeyDocuments(view)): KeyStore {
  return {
    framing,
    keys,
    memory: new KeyMemory(view, memoryKey, memoryRule),
    submissions: new Submissions(view),
    progress: new Progress(view),
    rule: { truncateWindowSeconds: 3600, releaseStillValidKeys: false },
    repeatMemorySeconds: 86_400,
    nowSeconds: () => appendedAtSeconds,
    recordTime: appendTime,
    events: {
      sliceDecided: () => undefined,
      recordRejected: () => undefined,
      partitionOpened: () => undefined,
    },
  };
}

function aRecord(offset: number, value: Buffer | null): LogRecord {
  const timestamp = String(appendedAtSeconds * 1000);
  return { key: null, value, timestamp, attributes: 0, offset: String(offset), headers: {} };
}

const heartbeat = (): Promise<void> => Promise.resolve();

/** Decides messages as records of a partition from `firstOffset` on; gives what is to be written, decoded. */
async function decided(
  store: KeyStore,
  partition: number,
  firstOffset: number,
  messages: readonly Submitted[],
) {
  const records = messages.map((message, index) =>
    aRecord(firstOffset + index, framing.encode(keysSubmitted, message)),
  );
  const nextOffset = firstOffset + records.length;
  const outputs = await decideSlice(store, { partition, messages: records, nextOffset, heartbeat });
  const values = outputs.filter(({ topic }) => topic === keysAccepted.topic).flatMap((batch) => batch.values);
  const decoded = await framing.decodeAll(keysAccepted, values);
  return decoded.flatMap((result): AcceptedRecord[] => (result.fate === "done" ? [result.message] : []));
}

const teksOf = (records: readonly AcceptedRecord[], list: "inserted" | "revised"): string[] =>
  records.flatMap((record) => record[list]).map(({ tek }) => Buffer.from(tek ?? []).toString("hex"));
const hex = (name: string): string => bytesOf(name).toString("hex");

/** A binary id of the database, in hex. */
function bytesOfId(id: unknown): string {
  return Buffer.from((id as { buffer: Uint8Array }).buffer).toString("hex");
}

function oneKey(name: string, tek: string, changes: Partial<Submitted> = {}): Submitted {
  return aSubmitted(name, { keys: [aSubmittedKey(tek)], ...changes });
}

test("a slice that is handled again, whole or in parts, is told the same", async () => {
  const messages = [oneKey("r1", "ra"), oneKey("r2", "ra"), oneKey("r3", "rb"), oneKey("r1", "ra")];
  const first = await decided(aStore(), 0, 0, messages);
  expect(teksOf(first, "inserted").toSorted()).toEqual([hex("ra"), hex("rb")].toSorted());
  expect(await decided(aStore(), 0, 0, messages)).toEqual(first);
  const parts = [
    ...(await decided(aStore(), 0, 0, messages.slice(0, 2))),
    ...(await decided(aStore(), 0, 2, messages.slice(2))),
  ];
  expect(teksOf(parts, "inserted").toSorted()).toEqual(teksOf(first, "inserted").toSorted());
});

test("a request that stands in the log twice is decided where it stands first", async () => {
  const message = oneKey("twice", "once");
  expect(teksOf(await decided(aStore(), 1, 0, [message]), "inserted")).toEqual([hex("once")]);
  expect(await decided(aStore(), 1, 1, [message])).toEqual([]);
  expect(await decided(aStore(), 2, 0, [message])).toEqual([]);
});

test("a request that comes again when one more of its keys is valid adds that key, and counts once", async () => {
  const [early, late] = [aSubmittedKey("had begun"), aSubmittedKey("begins now")];
  const first = await decided(aStore(), 1, 20, [aSubmitted("over midnight", { keys: [early] })]);
  const again = await decided(aStore(), 1, 21, [aSubmitted("over midnight", { keys: [early, late] })]);
  expect([first, again].map((records) => teksOf(records, "inserted"))).toEqual([
    [hex("had begun")],
    [hex("begins now")],
  ]);
  expect([first, again].map(([record]) => record?.outcomes.length)).toEqual([1, 0]);
});

test("a request that comes again revises nothing that came in between, not even where no token is asked for", async () => {
  const negative = oneKey("stale", "in between", { reportType: 5, bypassRevisionToken: true });
  await decided(aStore(), 1, 30, [negative]);
  const likely = await decided(aStore(), 1, 31, [oneKey("fresh", "in between", { reportType: 2 })]);
  expect(teksOf(likely, "inserted")).toEqual([hex("in between")]);
  expect(await decided(aStore(), 1, 32, [negative])).toEqual([]);
});

test("of two partitions with one new key, handled at the same time, one inserts it", async () => {
  const tell = (partition: number): Promise<AcceptedRecord[]> =>
    decided(aStore(), partition, 100, [oneKey(`racer ${partition}`, "raced")]);
  const told = await Promise.all([0, 1, 2].map(tell));
  expect(told.map((records) => teksOf(records, "inserted")).flat()).toEqual([hex("raced")]);
  const again = await Promise.all([0, 1, 2].map(tell));
  expect(again).toEqual(told);
});

test("the outcome tells what became of a submission", async () => {
  const keys = [aSubmittedKey("o1"), aSubmittedKey("o2")];
  const [record] = await decided(aStore(), 0, 200, [aSubmitted("o", { keys }), oneKey("late", "o1")]);
  expect(record?.outcomes).toMatchObject([
    { inserted: 2, revised: 0, healthAuthorityId: "doh", reportType: 1 },
  ]);
  expect(record?.source).toMatchObject({ partition: 0, firstOffset: 200, lastOffset: 201 });
});

describe("a revision that another partition was first to write", () => {
  const likely = { reportType: 2, bypassRevisionToken: true } as const;

  test("is not told", async () => {
    await decided(aStore(), 0, 300, [oneKey("l1", "lk", { reportType: 2 })]);
    const proof = { tokenInsertedBy: insertedBy(bytesOf("l1"), bytesOf("lk")) };
    const revision = (name: string): Submitted => aSubmitted(name, { keys: [aSubmittedKey("lk", proof)] });
    const keys = new LateRevisions(async () => {
      const winner = await decided(aStore(), 1, 300, [revision("l2")]);
      expect(teksOf(winner, "revised")).toEqual([hex("lk")]);
    });
    const loser = await decided(aStore(keys), 2, 300, [revision("l3"), oneKey("l4", "own")]);
    expect(teksOf(loser, "revised")).toEqual([]);
    expect(teksOf(loser, "inserted")).toEqual([hex("own")]);
  });

  test("leaves nothing told that is not in the view", async () => {
    await decided(aStore(), 0, 400, [oneKey("m1", "mk", likely)]);
    const keys = new LateRevisions(async () => {
      await decided(aStore(), 0, 401, [
        oneKey("m2", "mk", { ...likely, reportType: 1 }),
        oneKey("m3", "mn", likely),
      ]);
    });
    // The second key is unknown when this slice is decided, and known when it is decided again.
    const told = await decided(aStore(keys), 1, 400, [
      oneKey("m4", "mk", { ...likely, reportType: 5 }),
      oneKey("m5", "mn", { ...likely, reportType: 5 }),
    ]);
    const stored = await new KeyDocuments(view).find([bytesOf("mk"), bytesOf("mn")]);
    const revised = [...stored.values()].filter(({ revision }) => revision?.revisedAt.partition === 1);
    expect(teksOf(told, "revised")).toEqual(revised.map(({ tek }) => tek.toString("hex")));
  });
});

describe("a key whose document is gone while it could still be taken", () => {
  // It ended when it was published, a fortnight ago.
  const endSeconds = appendedAtSeconds - 14 * 86_400 - 3600;
  const lastOf = (name: string): ReturnType<typeof aSubmittedKey> =>
    aSubmittedKey(name, { rollingStartIntervalNumber: endSeconds / 600 - 144 });
  const message = (name: string, tek: string, changes: Partial<Submitted> = {}): Submitted =>
    aSubmitted(name, { keys: [lastOf(tek)], receivedWindowSeconds: endSeconds, ...changes });
  const keysAreGone = (): Promise<unknown> => view.db.collection("keys").deleteMany({});

  test("is not inserted again, not by any partition and not by any report", async () => {
    expect(teksOf(await decided(aStore(), 0, 600, [message("g1", "gk")]), "inserted")).toEqual([hex("gk")]);
    await keysAreGone();
    const again = await decided(aStore(), 0, 601, [message("g2", "gk"), oneKey("g3", "new beside")]);
    expect(teksOf(again, "inserted")).toEqual([hex("new beside")]);
    expect(await decided(aStore(), 1, 600, [message("g4", "gk", { reportType: 2 })])).toEqual([]);
    const proof = { tokenInsertedBy: insertedBy(bytesOf("g1"), bytesOf("gk")) };
    const revision = aSubmitted("g5", { keys: [{ ...lastOf("gk"), ...proof }] });
    expect(await decided(aStore(), 0, 602, [revision])).toEqual([]);
    const stored = await new KeyDocuments(view).find([bytesOf("gk")]);
    expect(stored.size).toBe(0);
  });

  test("is told again as inserted by the very record that inserted it", async () => {
    const first = await decided(aStore(), 0, 620, [message("h1", "hk")]);
    await keysAreGone();
    expect(await decided(aStore(), 0, 620, [message("h1", "hk")])).toEqual(first);
  });

  test("is revised as long as the document is there", async () => {
    await decided(aStore(), 0, 640, [message("i1", "ik", { reportType: 2 })]);
    const proof = { tokenInsertedBy: insertedBy(bytesOf("i1"), bytesOf("ik")) };
    const revision = aSubmitted("i2", { keys: [{ ...lastOf("ik"), ...proof }] });
    expect(teksOf(await decided(aStore(), 0, 641, [revision]), "revised")).toEqual([hex("ik")]);
  });

  test("is remembered by a keyed hash, until it is too old to be taken", async () => {
    await decided(aStore(), 0, 660, [message("j1", "jk"), oneKey("j2", "jl")]);
    const remembered = await view.db.collection("keyMemory").find({ "insertedAt.offset": 660 }).toArray();
    const hash = createHmac("sha256", memoryKey).update(bytesOf("jk")).digest().subarray(0, 16);
    expect(remembered.map(({ _id, expireAt }) => [bytesOfId(_id), expireAt as Date])).toEqual([
      [hash.toString("hex"), new Date((endSeconds + 15 * 86_400 + 3600) * 1000)],
    ]);
  });
});

test("what can't be a submission goes to the dead letters byte for byte, and the rest of the slice goes on", async () => {
  const framed = framing.encode(keysSubmitted, oneKey("p1", "pk"));
  const unknown = Buffer.from(framed);
  unknown.writeInt32BE(2_000_000_000, 1);
  const cases: [Buffer | null, string][] = [
    [null, "no_value"],
    [randomBytes(3), "not_framed"],
    [unknown, "unknown_schema"],
    [framing.encode(keysAccepted, { tick: { boundarySeconds: 4 } }), "other_schema"],
    [Buffer.concat([framed, Buffer.from([0x0a, 0xff])]), "malformed"],
    [framing.encode(keysSubmitted, oneKey("p2", "px", { keys: [{ tek: randomBytes(15) }] })), "bad_key"],
    [framing.encode(keysSubmitted, oneKey("p3", "px", { identity: randomBytes(3) })), "bad_identity"],
  ];
  const messages = [...cases.map(([value]) => value), framed].map((value, index) =>
    aRecord(500 + index, value),
  );
  const nextOffset = 500 + messages.length;
  const outputs = await decideSlice(aStore(), { partition: 2, messages, nextOffset, heartbeat });
  const letters = outputs.filter(({ topic }) => topic === deadLetterTopic(keysSubmitted, "key-store"));
  expect(letters.flatMap(({ values }) => values)).toEqual(cases.map(([value]) => value));
  expect(letters.map(({ headers }) => headers)).toEqual(
    cases.map(([, reason], index) => ({
      "tekstream-reason": reason,
      "tekstream-topic": keysSubmitted.topic,
      "tekstream-partition": "2",
      "tekstream-offset": String(500 + index),
    })),
  );
  expect(
    outputs.filter(({ topic }) => topic === keysAccepted.topic).flatMap(({ values }) => values),
  ).toHaveLength(1);
  expect(await new Progress(view).read(2)).toBe(500 + messages.length);
});

test("where the log holds nothing to handle, the progress goes on and nothing is written", async () => {
  const store = aStore();
  const outputs = await decideSlice(store, { partition: 77, messages: [], nextOffset: 12, heartbeat });
  expect(outputs.flatMap(({ values }) => values)).toEqual([]);
  expect(await store.progress.read(77)).toBe(12);
});
