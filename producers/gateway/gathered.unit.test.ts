import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { gathered } from "./gathered.js";

/** A batch that is under way until the test lets it end. */
interface Held {
  readonly items: readonly number[];
  end(results: readonly string[]): void;
  fail(error: Error): void;
}

function heldRuns(): { batches: Held[]; run: (items: readonly number[]) => Promise<readonly string[]> } {
  const batches: Held[] = [];
  const run = (items: readonly number[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      batches.push({ items, end: resolve, fail: reject });
    });
  return { batches, run };
}

test("calls of one turn share a batch, and what arrives meanwhile makes the next", async () => {
  const { batches, run } = heldRuns();
  const call = gathered(run, 10);
  const first = [call(1), call(2)];
  await setImmediate();
  const later = [call(3), call(4)];
  await setImmediate();
  expect(batches.map(({ items }) => items)).toEqual([[1, 2]]);
  batches[0]?.end(["a", "b"]);
  await setImmediate();
  expect(batches.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  batches[1]?.end(["c", "d"]);
  expect(await Promise.all([...first, ...later])).toEqual(["a", "b", "c", "d"]);
});

test("a batch holds no more than its limit", async () => {
  const sizes: number[] = [];
  const call = gathered((items: readonly number[]) => {
    sizes.push(items.length);
    return Promise.resolve(items);
  }, 3);
  expect(await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => call(item)))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(sizes).toEqual([3, 3, 1]);
});

test("an error reaches the callers of its batch and nobody else", async () => {
  const { batches, run } = heldRuns();
  const call = gathered(run, 10);
  const failing = Promise.allSettled([call(1), call(2)]);
  await setImmediate();
  const later = call(3);
  batches[0]?.fail(new Error("away"));
  expect((await failing).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await setImmediate();
  batches[1]?.end(["c"]);
  expect(await later).toBe("c");
});

test("a caller whose result is missing is told so", async () => {
  const call = gathered(() => Promise.resolve(["only one"]), 10);
  const [first, second] = await Promise.allSettled([call(1), call(2)]);
  expect(first).toEqual({ status: "fulfilled", value: "only one" });
  expect(second?.status).toBe("rejected");
});

test("every caller gets its own result, however calls and batches fall", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(3), { maxLength: 30 }), async (scheduler, pauses) => {
      const call = gathered(
        scheduler.scheduleFunction((items: readonly number[]) =>
          Promise.resolve(items.map((item) => `${item}`)),
        ),
        4,
      );
      const calls = pauses.map(async (pause, item) => {
        for (let turn = 0; turn < pause; turn++) await Promise.resolve();
        return call(item);
      });
      await scheduler.waitFor(Promise.all(calls));
      expect(await Promise.all(calls)).toEqual(pauses.map((_pause, item) => `${item}`));
    }),
    { numRuns: 50 },
  );
});
