import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RejectedRecord } from "../../shared/kafka/dead-letter-writer.js";
import type { LogRecord } from "../../shared/kafka/log-record.js";
import { NeedsOperator, Unavailable } from "../../shared/process/outcomes.js";
import { registerSchemas, type SchemaFraming } from "../../shared/registry/schema-framing.js";
import { anOutcome } from "../../shared/stats/an-outcome.test-support.js";
import type { Outcome } from "../../shared/stats/count-outcomes.js";
import { publishCount } from "../../shared/stats/counts.js";
import { keysAccepted, type Accepted } from "../../shared/topology.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { Statistics } from "../../shared/view/statistics.js";
import { statsFold, type StatsFold, type StatsSteps } from "./pipeline.js";

// The steps of stats on the real MongoDB and registry, one batch at a time, so that a test says what comes between.

const prefix = `t-${randomBytes(5).toString("hex")}`;
const { mongodb, registry } = inject("endpoints");
let framing: SchemaFraming;
let view: View;
let statistics: Statistics;
let partition = 0;
const rejected: RejectedRecord[] = [];

beforeAll(async () => {
  framing = await registerSchemas(registry.url, prefix);
  view = connectView({ mongodbUrl: mongodb.url, prefix, process: "test" });
  statistics = new Statistics(view);
});
afterAll(async () => {
  await view.db.dropDatabase();
  await view.stop();
});

function aFold(changes: Partial<StatsSteps> = {}): StatsFold {
  return statsFold({
    framing,
    statistics,
    // For decades: outcomes have a fixed time, and the database would take them for old ones one day.
    retentionSeconds: 500_000 * 3600,
    limits: async () => ({ low: 0, high: 1000 }),
    reject: async (record) => {
      rejected.push(record);
      return true;
    },
    events: {
      partitionOpened: () => undefined,
      batchCounted: () => undefined,
      recordRejected: () => undefined,
    },
    ...changes,
  });
}

/** A fold that has opened a partition of its own. */
async function anOpenFold(): Promise<StatsFold> {
  partition += 1;
  const fold = aFold();
  expect(await fold.startFrom(partition)).toBe(0);
  return fold;
}

function aRecord(offset: number, value: Accepted | Buffer | null): LogRecord {
  const bytes = value === null || Buffer.isBuffer(value) ? value : framing.encode(keysAccepted, value);
  return {
    key: null,
    value: bytes,
    timestamp: "1795374000000",
    attributes: 0,
    offset: String(offset),
    headers: {},
  };
}

function count(fold: StatsFold, records: readonly LogRecord[]): Promise<void> {
  return fold.count({ topic: keysAccepted.topic, partition, messages: records, committedOffset: 0 });
}

/** Records from `firstOffset` on, each with outcomes. */
function batch(firstOffset: number, ...records: readonly (readonly Outcome[])[]): LogRecord[] {
  return records.map((outcomes, index) => aRecord(firstOffset + index, { outcomes: [...outcomes] }));
}

async function uploadsOf(healthAuthorityId: string): Promise<number> {
  const hours = await statistics.hoursOf(healthAuthorityId);
  return hours.reduce((sum, hour) => sum + publishCount(hour), 0);
}

describe("an outcome counts once", () => {
  test("when its batch is handed over twice", async () => {
    const fold = await anOpenFold();
    const twice = batch(
      0,
      [anOutcome({ healthAuthorityId: "twice" })],
      [anOutcome({ healthAuthorityId: "twice" })],
    );
    await count(fold, twice);
    await count(fold, twice);
    expect(await uploadsOf("twice")).toBe(2);
  });

  test("when it comes again among later ones", async () => {
    const fold = await anOpenFold();
    const outcome = anOutcome({ healthAuthorityId: "overlap" });
    await count(fold, batch(0, [outcome], [outcome]));
    await count(fold, batch(1, [outcome], [outcome, outcome]));
    expect(await uploadsOf("overlap")).toBe(4);
    expect(await statistics.position(partition)).toBe(3);
  });

  test("when an owner that was replaced writes after its successor", async () => {
    const outcome = anOutcome({ healthAuthorityId: "replaced" });
    const records = batch(0, [outcome], [outcome]);
    const successor = await anOpenFold();
    let between = (): Promise<void> => count(successor, records);
    const late = aFold({
      statistics: {
        ensureIndexes: (seconds) => statistics.ensureIndexes(seconds),
        open: (number) => statistics.open(number),
        position: (number) => statistics.position(number),
        async add(range) {
          await between();
          return statistics.add(range);
        },
      },
    });
    await late.startFrom(partition);
    await expect(count(late, records)).rejects.toThrow(Unavailable);
    between = async () => undefined;
    await count(late, records);
    expect(await uploadsOf("replaced")).toBe(2);
  });
});

test("records without outcomes move the position, and count for nobody", async () => {
  const fold = await anOpenFold();
  await count(fold, [aRecord(0, { tick: { boundarySeconds: 3600, partitions: 3 } }), aRecord(4, {})]);
  expect(await statistics.position(partition)).toBe(5);
});

test("a record that can't be counted is rejected with its reason, and holds back no other", async () => {
  const fold = await anOpenFold();
  const outcome = anOutcome({ healthAuthorityId: "poisoned" });
  await count(fold, [
    ...batch(0, [outcome]),
    aRecord(1, Buffer.from("no record")),
    aRecord(2, null),
    ...batch(3, [outcome, { ...outcome, receivedWindowSeconds: -1 }]),
    ...batch(4, [outcome]),
  ]);
  expect(await uploadsOf("poisoned")).toBe(2);
  expect(rejected.map(({ message: { offset }, reason }) => [offset, reason])).toEqual([
    ["1", "not_framed"],
    ["2", "no_value"],
    ["3", "bad_outcome_time"],
  ]);
});

describe("where counting starts", () => {
  test("is the first record that is left, when retention has taken what was not counted", async () => {
    partition += 1;
    const fold = aFold({ limits: async () => ({ low: 40, high: 1000 }) });
    expect(await fold.startFrom(partition)).toBe(40);
    await count(fold, batch(40, [anOutcome({ healthAuthorityId: "left" })]));
    expect(await uploadsOf("left")).toBe(1);
  });

  test("is nowhere, when the log ends before what was counted", async () => {
    await count(await anOpenFold(), batch(9, [anOutcome()]));
    const fold = aFold({ limits: async () => ({ low: 0, high: 9 }) });
    await expect(fold.startFrom(partition)).rejects.toThrow(NeedsOperator);
  });
});

test("statistics that are dropped meanwhile stop the process, so that it counts from the beginning", async () => {
  const fold = await anOpenFold();
  const outcome = anOutcome({ healthAuthorityId: "dropped" });
  await count(fold, batch(0, [outcome]));
  await view.db.collection("statistics").drop();
  await expect(count(fold, batch(1, [outcome]))).rejects.toThrow("dropped");
  // Another process may have opened the partition anew before this one noticed.
  await statistics.open(partition);
  await expect(count(fold, batch(1, [outcome]))).rejects.toThrow("dropped");
  expect(await uploadsOf("dropped")).toBe(0);
  expect(await fold.startFrom(partition)).toBe(0);
  await count(fold, batch(0, [outcome], [outcome]));
  expect(await uploadsOf("dropped")).toBe(2);
});
