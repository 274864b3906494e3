import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { embargoedBelongs } from "../exports/embargo.js";
import { keysAccepted, keysEmbargoed } from "../topology.js";
import type { PlacedTick } from "../view/ticks.js";
import { tickLookUp, ticksAt } from "./a-tick-log.test-support.js";
import { embargoSecondsMax, windowRanges, type WindowRange } from "./window-ranges.js";

const window = { startSeconds: 200_000, endSeconds: 203_600 };

async function rangesOf(ticks: readonly PlacedTick[], wanted = window): Promise<readonly WindowRange[]> {
  const found = await windowRanges(wanted, tickLookUp(ticks));
  if (found.kind !== "complete") throw new Error("the window is not complete");
  return found.ranges;
}

function offsetsOf(ranges: readonly WindowRange[], topic: string): number[][] {
  return ranges
    .filter((range) => range.topic === topic)
    .map(({ startOffset, endOffset }) => [startOffset, endOffset]);
}

test("a window lies between its ticks, in every partition", async () => {
  const ranges = await rangesOf([...ticksAt(200_000, [10, 20]), ...ticksAt(203_600, [15, 20])]);
  expect(offsetsOf(ranges, keysAccepted.topic)).toEqual([
    [10, 15],
    [20, 20],
  ]);
});

test("a boundary without a tick of its own lies at the next tick", async () => {
  const ranges = await rangesOf([
    ...ticksAt(199_000, [3]),
    ...ticksAt(201_000, [10]),
    ...ticksAt(204_000, [15]),
  ]);
  expect(offsetsOf(ranges, keysAccepted.topic)).toEqual([[10, 15]]);
});

test("what lies before the first tick of a young log belongs to the window that was open then", async () => {
  const ticks = [...ticksAt(201_000, [10, 0]), ...ticksAt(203_600, [15, 4])];
  expect(offsetsOf(await rangesOf(ticks), keysAccepted.topic)).toEqual([
    [0, 15],
    [0, 4],
  ]);
  const next = [...ticks, ...ticksAt(207_200, [16, 9])];
  const following = { startSeconds: 203_600, endSeconds: 207_200 };
  expect(offsetsOf(await rangesOf(next, following), keysAccepted.topic)).toEqual([
    [15, 16],
    [4, 9],
  ]);
});

test("a partition that another clock saw first begins, whole, in the window after the tick that did not count it", async () => {
  const byOther = ticksAt(200_000, [10, 3]).map((tick) =>
    tick.partition === 0 ? { ...tick, partitions: 1 } : tick,
  );
  const ticks = [...byOther, ...ticksAt(203_600, [15, 4])];
  expect(offsetsOf(await rangesOf(ticks), keysAccepted.topic)).toEqual([
    [10, 15],
    [0, 4],
  ]);
});

test("a partition that misses its first tick is in one window all the same", async () => {
  const both = ticksAt(203_600, [15, 4]).filter(({ partition }) => partition === 0);
  const ticks = [...ticksAt(200_000, [10]), ...both.map((tick) => ({ ...tick, partitions: 2 }))];
  const later = [...ticks, ...ticksAt(207_200, [20, 8])];
  const following = { startSeconds: 203_600, endSeconds: 207_200 };
  expect(offsetsOf(await rangesOf(later), keysAccepted.topic)).toEqual([
    [10, 15],
    [0, 0],
  ]);
  expect(offsetsOf(await rangesOf(later, following), keysAccepted.topic)).toEqual([
    [15, 20],
    [0, 8],
  ]);
});

describe("a window is not complete", () => {
  const complete = [...ticksAt(200_000, [10, 20]), ...ticksAt(203_600, [15, 25])];
  test.each([
    ["without any tick", []],
    ["without a tick at its end", ticksAt(200_000, [10, 20])],
    ["while one partition of one topic has no tick at its end", complete.slice(0, -1)],
  ])("%s", async (_what, ticks) => {
    expect(await windowRanges(window, tickLookUp(ticks))).toEqual({ kind: "not-yet" });
  });
});

test("a partition that was added begins, whole, in the first window whose end tick counts it", async () => {
  const ticks = [...ticksAt(200_000, [10]), ...ticksAt(203_600, [15, 4])];
  expect(offsetsOf(await rangesOf(ticks), keysAccepted.topic)).toEqual([
    [10, 15],
    [0, 4],
  ]);
});

describe("of keys.embargoed", () => {
  const early = ticksAt(window.startSeconds - embargoSecondsMax, [2]);
  const ends = [...ticksAt(200_000, [10]), ...ticksAt(203_600, [15])];

  test("a window reads all that may have been held back into it", async () => {
    const [range] = (await rangesOf([...early, ...ends])).filter(
      ({ topic }) => topic === keysEmbargoed.topic,
    );
    expect(range).toMatchObject({ startOffset: 2, windowStartOffset: 10, endOffset: 15 });
  });

  test("a tick that was written long after its boundary does not hide what came before it", async () => {
    const asleep = ticksAt(window.startSeconds - embargoSecondsMax, [5], window.startSeconds - 100);
    const [range] = (await rangesOf([...ticksAt(1000, [1]), ...asleep, ...ends])).filter(
      ({ topic }) => topic === keysEmbargoed.topic,
    );
    expect(range).toMatchObject({ startOffset: 1, windowStartOffset: 10, endOffset: 15 });
  });

  test("a window reads from the log's beginning while the log is young", async () => {
    const [range] = (await rangesOf(ends)).filter(({ topic }) => topic === keysEmbargoed.topic);
    expect(range).toMatchObject({ startOffset: 0, windowStartOffset: 10 });
  });
});

describe("whatever the log holds, windows that follow each other hold every record once", () => {
  const hour = 3600;
  // Each element is an hour: does the clock tick, is a partition added, and the records by partition.
  const hours = fc.array(
    fc.record({ ticks: fc.boolean(), adds: fc.boolean(), records: fc.array(fc.nat(2), { maxLength: 4 }) }),
    { minLength: 2, maxLength: 40 },
  );

  interface Hour {
    readonly ticks: boolean;
    readonly adds: boolean;
    readonly records: readonly number[];
  }

  interface Appended {
    readonly partition: number;
    readonly offset: number;
    readonly releaseSeconds: number;
  }

  /** Writes the hours into the embargoed topic; all ends with a tick, and a day of windows for the last releases. */
  function write(choices: readonly Hour[]): { ticks: PlacedTick[]; records: Appended[] } {
    const next = [0, 0];
    const ticks: PlacedTick[] = ticksAt(
      0,
      next.map((offset, partition) => (next[partition] = offset + 1) - 1),
    );
    const records: Appended[] = [];
    const tail = Array.from({ length: 30 }, () => ({ ticks: true, adds: false, records: [] }));
    for (const [index, { ticks: doesTick, adds, records: held }] of [...choices, ...tail].entries()) {
      if (adds && next.length < 5) next.push(0);
      for (const [number, choice] of held.entries()) {
        const partition = (number + choice) % next.length;
        // Released between the end of this hour and a day and an hour from now.
        const releaseSeconds = (index + 1 + choice * 12) * hour;
        records.push({ partition, offset: next[partition] ?? 0, releaseSeconds });
        next[partition] = (next[partition] ?? 0) + 1;
      }
      if (!doesTick) continue;
      ticks.push(...ticksAt((index + 1) * hour, [...next]));
      next.forEach((offset, partition) => (next[partition] = offset + 1));
    }
    return { ticks, records };
  }

  async function windowsOf(
    ticks: readonly PlacedTick[],
    count: number,
  ): Promise<[number, readonly WindowRange[]][]> {
    const windows: [number, readonly WindowRange[]][] = [];
    for (let index = 0; index < count; index++) {
      const wanted = { startSeconds: index * hour, endSeconds: (index + 1) * hour };
      windows.push([index, await rangesOf(ticks, wanted)]);
    }
    return windows;
  }

  test("at once, of keys.accepted", async () => {
    await fc.assert(
      fc.asyncProperty(hours, async (choices) => {
        const { ticks, records } = write(choices);
        const windows = await windowsOf(ticks, choices.length + 30);
        for (const { partition, offset } of records) {
          const holding = windows.flatMap(([, ranges]) =>
            ranges.filter((range) => range.topic === keysAccepted.topic && range.partition === partition),
          );
          const times = holding.filter(
            ({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset,
          );
          expect(times).toHaveLength(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("and never before its release, of keys.embargoed", async () => {
    await fc.assert(
      fc.asyncProperty(hours, async (choices) => {
        const { ticks, records } = write(choices);
        const windows = await windowsOf(ticks, choices.length + 30);
        for (const { partition, offset, releaseSeconds } of records) {
          const holding = windows.filter(([index, ranges]) =>
            ranges.some((range) => {
              if (range.topic !== keysEmbargoed.topic || range.partition !== partition) return false;
              if (offset < range.startOffset || offset >= range.endOffset) return false;
              const position = offset < range.windowStartOffset ? "before-start" : "inside";
              const span = { startSeconds: index * hour, endSeconds: (index + 1) * hour };
              return embargoedBelongs(span, position, releaseSeconds);
            }),
          );
          expect(holding).toHaveLength(1);
          const [[index] = [-1]] = holding;
          expect((index + 1) * hour).toBeGreaterThan(releaseSeconds);
        }
      }),
      { numRuns: 60 },
    );
  });
});
