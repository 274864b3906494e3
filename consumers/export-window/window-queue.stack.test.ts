import { randomBytes } from "node:crypto";
import Bull from "bull";
import { afterAll, expect, inject, test } from "vitest";
import { eventually } from "../../test/river/eventually.js";
import { WindowQueue } from "./window-queue.js";

const prefix = `t-${randomBytes(5).toString("hex")}`;
const redisUrl = inject("endpoints").redis.url;
const workers = 2;
const windows = [1, 2, 3, 4, 5].map((number) => ({
  startSeconds: number * 10,
  endSeconds: number * 10 + 10,
}));
const jobs = new Bull("export-window", redisUrl, { prefix: `${prefix}:bull` });
const worked: number[] = [];
const failures: unknown[] = [];
let underWay = 0;
let underWayMax = 0;
let release = (): void => undefined;
const released = new Promise<void>((resolve) => (release = resolve));
const queue = new WindowQueue({
  redisUrl,
  prefix,
  workers,
  jobLockSeconds: 60,
  async work({ endSeconds }) {
    underWayMax = Math.max(underWayMax, ++underWay);
    worked.push(endSeconds);
    await released;
    underWay -= 1;
  },
  events: {
    sweepFailed: (error) => void failures.push(error),
    windowFailed: (_endSeconds, error) => void failures.push(error),
  },
});
afterAll(async () => {
  release();
  await queue.stop();
  await jobs.close();
});

test("as many windows are worked on as there are workers, the others wait as one job each, and none is left", async () => {
  queue.start();
  // As sweeps do while a window is not published.
  for (let sweep = 0; sweep < 3; sweep++) for (const window of windows) await queue.add(window);
  await eventually("all workers to be at work", async () => underWay === workers);
  for (const window of windows) await queue.add(window);
  const { active, waiting } = await jobs.getJobCounts();
  expect({ active, waiting }).toEqual({ active: workers, waiting: windows.length - workers });
  release();
  await eventually("all windows to be worked on", async () => worked.length === windows.length);
  expect(worked.toSorted((a, b) => a - b)).toEqual(windows.map(({ endSeconds }) => endSeconds));
  expect(underWayMax).toBe(workers);
  await eventually("no job to be left", async () =>
    Object.values(await jobs.getJobCounts()).every((count) => count === 0),
  );
  expect(failures).toEqual([]);
});
