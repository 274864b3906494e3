import { expect, test } from "vitest";
import { aView } from "./a-view.test-support.js";
import { Batches, type Batch } from "./batches.js";

const batches = new Batches(aView());

function aBatch(endSeconds: number, changes: Partial<Batch> = {}): Batch {
  return {
    configurationId: "us",
    startSeconds: endSeconds - 10,
    endSeconds,
    settingsVersion: 1,
    filenameRoot: "us",
    state: "planned",
    ranges: [],
    files: [],
    ...changes,
  };
}

const ranges = [{ topic: "t", partition: 0, startOffset: 1, endOffset: 5, windowStartOffset: 1 }];

test("a window that is planned twice stays as it was planned first", async () => {
  await batches.ensureIndexes();
  await batches.plan(aBatch(20), undefined);
  await batches.plan(aBatch(20, { startSeconds: 0, settingsVersion: 9 }), undefined);
  expect(await batches.get("us", 20)).toEqual(aBatch(20));
});

test("two workers who plan one window at once plan it once", async () => {
  await Promise.all(Array.from({ length: 8 }, () => batches.plan(aBatch(30), 20)));
  expect(await batches.unpublished("us", 10)).toEqual([aBatch(20), aBatch(30)]);
  expect(await batches.unpublished("us", 1)).toEqual([aBatch(20)]);
});

test("of workers who plan what follows a window by different settings one wins", async () => {
  const ends = [110, 120, 130, 140];
  await Promise.all(
    ends.map((end) => batches.plan(aBatch(end, { configurationId: "race", startSeconds: 100 }), undefined)),
  );
  const [first, ...others] = await batches.unpublished("race", 10);
  expect(others).toEqual([]);
  const last = first?.endSeconds ?? 0;
  await Promise.all(
    [1, 2, 3].map((more) => batches.plan(aBatch(last + more, { configurationId: "race" }), last)),
  );
  expect(await batches.unpublished("race", 10)).toHaveLength(2);
});

test("a batch goes from planned to built to published, each step once, and never back", async () => {
  const batch = aBatch(20);
  await batches.markPublished(batch);
  expect((await batches.get("us", 20))?.state).toBe("planned");
  const parts = { ranges, files: [], builderVersion: "1", held: false, contentStartSeconds: 10 };
  await batches.markBuilt(batch, parts);
  await batches.markBuilt(batch, { ...parts, ranges: [], builderVersion: "2" });
  expect(await batches.get("us", 20)).toEqual({ ...batch, ...parts, state: "built" });
  await batches.markPublished(batch);
  await batches.markBuilt(batch, parts);
  expect((await batches.get("us", 20))?.state).toBe("published");
  expect((await batches.unpublished("us", 10)).map(({ endSeconds }) => endSeconds)).toEqual([30]);
});

test("the last window is the one that ends last, each configuration for itself", async () => {
  await batches.plan(aBatch(90, { configurationId: "ca" }), undefined);
  expect((await batches.last("us"))?.endSeconds).toBe(30);
  expect((await batches.last("ca"))?.endSeconds).toBe(90);
  expect(await batches.last("mx")).toBeUndefined();
});

test("a window holds the times from its start to before its end", async () => {
  await batches.plan(aBatch(100, { configurationId: "eu" }), undefined);
  const ends = [89, 90, 99, 100].map(async (seconds) => (await batches.holding("eu", seconds))?.endSeconds);
  expect(await Promise.all(ends)).toEqual([undefined, 100, 100, undefined]);
});

test("old published windows are forgotten, but never the last published one, nor one that is not published", async () => {
  const of = (endSeconds: number): Batch => aBatch(endSeconds, { configurationId: "old" });
  const ends = async (): Promise<number[]> => {
    const found = [10, 20, 30, 40].map(async (end) => (await batches.get("old", end))?.endSeconds ?? 0);
    return (await Promise.all(found)).filter((end) => end > 0);
  };
  for (const end of [10, 20, 30, 40]) await batches.plan(of(end), end === 10 ? undefined : end - 10);
  const parts = { ranges, files: [], builderVersion: "1", held: true, contentStartSeconds: 0 };
  for (const end of [10, 20, 30]) {
    await batches.markBuilt(of(end), parts);
    await batches.markPublished(of(end));
  }
  expect(await batches.forget("old", 20)).toBe(1);
  expect(await ends()).toEqual([20, 30, 40]);
  // The window after it may have to hold its keys, too.
  expect(await batches.forget("old", 1_000_000)).toBe(1);
  expect(await ends()).toEqual([30, 40]);
  expect(await batches.forget("old", 1_000_000)).toBe(0);
  expect(await batches.forget("nothing", 1_000_000)).toBe(0);
});
