import { beforeAll, expect, test } from "vitest";
import { emptyDeployment, type Deployment, type ExportSettings } from "../../shared/deployment/deployment.js";
import { someSettings } from "../../shared/deployment/some-settings.test-support.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { PartitionLimits } from "../../shared/kafka/topic-limits.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import { aView } from "../../shared/view/a-view.test-support.js";
import { Batches } from "../../shared/view/batches.js";
import { Ticks } from "../../shared/view/ticks.js";
import { sweep } from "./sweep.js";

// A worker that was away comes back to many windows at once: what is planned has to be worked on while it plans the rest.

const view = aView();
const [batches, ticks] = [new Batches(view), new Ticks(view)];
const periodSeconds = 10;
const windows = 50;
const beginSeconds = Math.floor(Date.now() / 86_400_000) * 86_400;
const endSeconds = beginSeconds + windows * periodSeconds;

const first = someSettings({ periodSeconds, fromSeconds: beginSeconds, effectiveAtSeconds: beginSeconds });
/** From the tenth window before the last on. */
const later = { ...first, version: 2, effectiveAtSeconds: endSeconds - 95 };

/** Where retention has left the log. */
let now = (): number => endSeconds + 1000;
let limits: PartitionLimits[] = [];
const leftOut: [id: string, fromSeconds: number, toSeconds: number][] = [];

function deploymentOf(...versions: ExportSettings[]): Deployment {
  return { ...emptyDeployment, exportConfigurations: new Map([["us", { id: "us", versions }]]) };
}

/** The boundary with this number in all partitions. */
async function tick(number: number): Promise<void> {
  const boundarySeconds = beginSeconds + number * periodSeconds;
  const appendedAtSeconds = boundarySeconds + 1;
  for (const { topic } of [keysAccepted, keysEmbargoed])
    await ticks.add([
      { topic, partition: 0, boundarySeconds, appendedAtSeconds, offset: number, partitions: 1 },
    ]);
}

/** What one sweep asked for, and how often it asked the cluster for the configuration. */
async function oneSweep(onRead = async () => {}): Promise<{ asked: ExportWindow[]; reads: number }> {
  const asked: ExportWindow[] = [];
  let reads = 0;
  await sweep({
    batches,
    ticks,
    // It has not heard of the change yet.
    deployment: () => deploymentOf(first),
    newestDeployment: async () => {
      reads += 1;
      await onRead();
      return deploymentOf(first, later);
    },
    logLimits: async () => limits,
    nowSeconds: () => now(),
    minWindowAgeSeconds: 0,
    events: { windowsLeftOut: (...told) => void leftOut.push(told) },
    enqueue: async (window) => void asked.push(window),
  });
  return { asked, reads };
}

beforeAll(async () => {
  await batches.ensureIndexes();
  await ticks.ensureIndexes(86_400 * 2);
  for (let number = 0; number <= windows; number++) await tick(number);
});

test("a backlog of windows is asked for from the first sweep on, and none is left out or planned twice", async () => {
  const early = await oneSweep();
  expect(early.reads).toBe(1);
  expect(early.asked.length).toBeGreaterThan(0);
  expect(early.asked.length).toBeLessThan(windows);
  expect(early.asked[0]).toEqual({ startSeconds: beginSeconds, endSeconds: beginSeconds + periodSeconds });
  let { asked } = early;
  while (asked.length < windows) ({ asked } = await oneSweep());
  expect(asked.map((window) => window.endSeconds)).toEqual(
    Array.from({ length: windows }, (_, number) => beginSeconds + (number + 1) * periodSeconds),
  );
  expect(await oneSweep()).toEqual({ asked, reads: 0 });
});

test("each window of a backlog has the settings of its time, also by a worker that has not heard of a change", async () => {
  const planned = await batches.unpublished("us", windows);
  expect(planned.filter(({ settingsVersion }) => settingsVersion === 2)).toHaveLength(10);
});

test("a window that is ticked after the configuration was read waits for the next sweep", async () => {
  await tick(windows + 1);
  await oneSweep(() => tick(windows + 2));
  expect((await batches.last("us"))?.endSeconds).toBe(endSeconds + periodSeconds);
  await oneSweep();
  expect((await batches.last("us"))?.endSeconds).toBe(endSeconds + 2 * periodSeconds);
});

test("a worker whose clock has jumped ahead by weeks leaves out no window", async () => {
  now = () => endSeconds + 17 * 86_400;
  await tick(windows + 3);
  await oneSweep();
  expect((await batches.last("us"))?.endSeconds).toBe(endSeconds + 3 * periodSeconds);
  expect(leftOut).toEqual([]);
});

test("windows that the log no longer holds are left out, and told of", async () => {
  const lastEndSeconds = (await batches.last("us"))?.endSeconds ?? 0;
  // Nobody was there for weeks. Of the ticks that were written meanwhile these are left.
  const [firstLeft, hours] = [lastEndSeconds + 17 * 86_400, 30];
  await view.db.collection("ticks").deleteMany({});
  for (const topic of [keysAccepted.topic, keysEmbargoed.topic])
    await ticks.add(
      Array.from({ length: hours * 360 + 1 }, (_, number) => {
        const boundarySeconds = firstLeft + number * periodSeconds;
        const appendedAtSeconds = boundarySeconds + 1;
        return {
          topic,
          partition: 0,
          boundarySeconds,
          appendedAtSeconds,
          offset: 900 + number,
          partitions: 1,
        };
      }),
    );
  limits = [keysAccepted, keysEmbargoed].map(({ topic }) => ({
    topic,
    partition: 0,
    low: 800,
    high: 20_000,
  }));
  now = () => firstLeft + 86_400 * 2;
  await oneSweep();
  const begins = firstLeft + 27 * 3600 + periodSeconds;
  expect(leftOut).toEqual([["us", lastEndSeconds, begins]]);
  expect((await batches.unpublished("us", 100)).map(({ startSeconds }) => startSeconds)).toContain(begins);
  await oneSweep();
  expect(leftOut).toHaveLength(1);
});
