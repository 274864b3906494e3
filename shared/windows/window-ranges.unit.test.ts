import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { embargoedBelongs } from "../exports/embargo.js";
import { keysAccepted, keysEmbargoed } from "../topology.js";
import type { PlacedTick } from "../view/ticks.js";
import { tickLookUp, ticksAt } from "./a-tick-log.test-support.js";
import {
  embargoSecondsMax,
  seenAtSeconds,
  tickLateSecondsMax,
  windowRanges,
  type WindowRange,
} from "./window-ranges.js";

const window = { startSeconds: 200_000, endSeconds: 203_600 };
/** No log is young that has it. */
const older = ticksAt(100_000, [1]);

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
  const ranges = await rangesOf([...older, ...ticksAt(200_000, [10, 20]), ...ticksAt(203_600, [15, 20])]);
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

test("a boundary whose tick came much too late lies at the last tick that came in time", async () => {
  const hour = 3600;
  // The clock had the boundary of hour 56 in its hand when it fell asleep, and woke up three days later.
  const ticks = [
    ...ticksAt(54 * hour, [5]),
    ...ticksAt(55 * hour, [10]),
    ...ticksAt(56 * hour, [90], 128 * hour),
    ...ticksAt(128 * hour, [92]),
    ...ticksAt(129 * hour, [95]),
  ];
  const rangeOf = async (endHour: number): Promise<number[] | undefined> => {
    const wanted = { startSeconds: (endHour - 1) * hour, endSeconds: endHour * hour };
    return offsetsOf(await rangesOf(ticks, wanted), keysAccepted.topic)[0];
  };
  expect(await rangeOf(56)).toEqual([10, 10]);
  expect(await rangeOf(57)).toEqual([10, 10]);
  expect(await rangeOf(115)).toEqual([10, 10]);
  // Half a day is not too late.
  expect(await rangeOf(116)).toEqual([10, 92]);
  expect(await rangeOf(128)).toEqual([92, 92]);
  expect(await rangeOf(129)).toEqual([92, 95]);
});

test.each([
  ["begins", 200_000],
  ["is in", 201_000],
])("what lies before the very first tick is in the window that this %s", async (_what, first) => {
  const ticks = [...ticksAt(first, [10, 0]), ...ticksAt(203_600, [15, 4])];
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
  const ticks = [...older, ...byOther, ...ticksAt(203_600, [15, 4])];
  expect(offsetsOf(await rangesOf(ticks), keysAccepted.topic)).toEqual([
    [10, 15],
    [0, 4],
  ]);
});

test("a partition that misses its first tick is in one window all the same", async () => {
  const both = ticksAt(203_600, [15, 4]).filter(({ partition }) => partition === 0);
  const ticks = [...older, ...ticksAt(200_000, [10]), ...both.map((tick) => ({ ...tick, partitions: 2 }))];
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
  const ticks = [...older, ...ticksAt(200_000, [10]), ...ticksAt(203_600, [15, 4])];
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
    const late = ticksAt(199_000, [9]);
    const [range] = (await rangesOf([...late, ...ends])).filter(({ topic }) => topic === keysEmbargoed.topic);
    expect(range).toMatchObject({ startOffset: 0, windowStartOffset: 10 });
  });
});

describe("whatever the log holds, windows that follow each other hold every record once", () => {
  const hour = 3600;
  // Each element is some hours in which no clock ticks, and one at whose end it does what it says: it may write its own
  // boundary, or at last one that is due for long. A partition may be added, and records are written by partition.
  const hours = fc.array(
    fc.record({
      sleeps: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, fc.nat(60)),
      ticks: fc.constantFrom("not" as const, "now" as const, "late" as const),
      adds: fc.boolean(),
      records: fc.array(fc.nat(2), { maxLength: 4 }),
    }),
    { minLength: 2, maxLength: 40 },
  );

  interface Hour {
    readonly sleeps: number;
    readonly ticks: "not" | "now" | "late";
    readonly adds: boolean;
    readonly records: readonly number[];
  }

  interface Appended {
    readonly partition: number;
    readonly offset: number;
    readonly appendedAtSeconds: number;
    readonly releaseSeconds: number;
  }

  /**
   * Writes the hours into the embargoed topic, behind `early` records in each partition that no tick comes before; all
   * ends with a tick, and a day of windows for the last releases.
   */
  function write(
    choices: readonly Hour[],
    early: number,
  ): { ticks: PlacedTick[]; records: Appended[]; count: number } {
    const next = [early, early];
    const records: Appended[] = next.flatMap((count, partition) =>
      Array.from({ length: count }, (_, offset) => ({
        partition,
        offset,
        appendedAtSeconds: 0,
        releaseSeconds: 0,
      })),
    );
    const ticks: PlacedTick[] = ticksAt(
      0,
      next.map((offset, partition) => (next[partition] = offset + 1) - 1),
    );
    const tail = Array.from({ length: 30 }, () => ({
      sleeps: 0,
      ticks: "now" as const,
      adds: false,
      records: [],
    }));
    let [now, ticked] = [0, 0];
    for (const { sleeps, ticks: doesTick, adds, records: held } of [...choices, ...tail]) {
      if (adds && next.length < 5) next.push(0);
      for (const [number, choice] of held.entries()) {
        const partition = (number + choice) % next.length;
        // Released between the end of this hour and a day and an hour from now, and written while the clock sleeps.
        const appendedAtSeconds = (now + (number % 2) * sleeps) * hour;
        const releaseSeconds = appendedAtSeconds + (1 + choice * 12) * hour;
        records.push({ partition, offset: next[partition] ?? 0, appendedAtSeconds, releaseSeconds });
        next[partition] = (next[partition] ?? 0) + 1;
      }
      now += sleeps + 1;
      if (doesTick === "not") continue;
      ticked = doesTick === "now" ? now : ticked + 1;
      ticks.push(...ticksAt(ticked * hour, [...next], now * hour));
      next.forEach((offset, partition) => (next[partition] = offset + 1));
    }
    return { ticks, records, count: now };
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

  test("at once, in no window that was over long before, of keys.accepted", async () => {
    await fc.assert(
      fc.asyncProperty(hours, fc.nat(2), async (choices, early) => {
        const { ticks, records, count } = write(choices, early);
        const windows = await windowsOf(ticks, count);
        const lookUp = tickLookUp(ticks);
        for (const { partition, offset, appendedAtSeconds } of records) {
          const holding = windows.filter(([, ranges]) =>
            ranges.some(
              (range) =>
                range.topic === keysAccepted.topic &&
                range.partition === partition &&
                range.startOffset <= offset &&
                offset < range.endOffset,
            ),
          );
          expect(holding).toHaveLength(1);
          const [[index] = [-1]] = holding;
          expect(appendedAtSeconds - (index + 1) * hour).toBeLessThanOrEqual(tickLateSecondsMax);
          const place = { topic: keysAccepted.topic, partition };
          const before = ticks.findLast(
            (tick) => tick.topic === place.topic && tick.partition === partition && tick.offset < offset,
          );
          const seconds = await seenAtSeconds(lookUp, place, before?.boundarySeconds);
          expect(Math.floor((seconds ?? -1) / hour)).toBe(index);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("and never before its release, of keys.embargoed", async () => {
    await fc.assert(
      fc.asyncProperty(hours, fc.nat(2), async (choices, early) => {
        const { ticks, records, count } = write(choices, early);
        const windows = await windowsOf(ticks, count);
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
