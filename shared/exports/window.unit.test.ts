import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readVector } from "./vectors.test-support.js";
import {
  alignedBoundaries,
  dueBoundaries,
  isDue,
  isPeriod,
  nextWindow,
  type ExportWindow,
} from "./window.js";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2020, 11, 10) / 1000;
const SOME_PERIODS = [60, 300, 900, HOUR, 4 * HOUR, 8 * HOUR, DAY];

const rowsSchema = z.object({
  rows: z.array(
    z.object({
      Period: z.string(),
      LatestEnd: z.string(),
      EffectiveNow: z.string(),
      TruncateWindow: z.string(),
      Ranges: z.array(z.object({ Start: z.string(), End: z.string() })).nullable(),
    }),
  ),
});

describe("windows are the reference server's batches", () => {
  const rows = rowsSchema.parse(JSON.parse(readVector("batch-ranges.json").toString())).rows.map(parseRow);
  // After a change of the period the reference server's first batch overlaps the last one before, so that phones get
  // keys twice. Ours starts where the last one ended; its end, and all later ones, are the same.
  const overlapping = new Set([9.25, -4].map(at));
  const ours = ({ ranges, lastEndSeconds }: (typeof rows)[number]): ExportWindow[] =>
    ranges.map((range, i) =>
      i === 0 && overlapping.has(lastEndSeconds) ? { ...range, startSeconds: lastEndSeconds } : range,
    );

  const later = rows.filter((row) => !Number.isNaN(row.lastEndSeconds));
  test.each(later)("period $periodSeconds after $lastEndSeconds", (row) => {
    expect(windowsUntil(row.periodSeconds, row.lastEndSeconds, row.untilSeconds)).toEqual(ours(row));
  });

  // The reference server begins with the last batch that is over; here, the configuration's beginning decides.
  const first = rows.filter((row) => Number.isNaN(row.lastEndSeconds));
  test.each(first)("the first one of period $periodSeconds, begun in it", ({ periodSeconds, ranges }) => {
    for (const { startSeconds, endSeconds } of ranges) {
      for (const fromSeconds of [startSeconds, endSeconds - 1]) {
        const input = { periodSeconds, fromSeconds, lastEndSeconds: undefined, firstTickSeconds: 0 };
        expect(nextWindow(input)).toEqual({ startSeconds, endSeconds });
      }
    }
  });

  test("every row is compared, and every listed difference is one", () => {
    expect([later.length, first.length]).toEqual([8, 3]);
    const differing = later.filter((row) => JSON.stringify(ours(row)) !== JSON.stringify(row.ranges));
    expect(differing.map(({ lastEndSeconds }) => lastEndSeconds)).toEqual([...overlapping]);
  });
});

describe("the first window after a change of the period goes from the last end to the next boundary", () => {
  const cases = [
    { what: "from 15 minutes to 1 hour", periodSeconds: HOUR, last: 9.25, start: 9.25, end: 10 },
    { what: "from 4 hours to 1 day", periodSeconds: DAY, last: 20, start: 20, end: 24 },
    { what: "from 1 day to 4 hours", periodSeconds: 4 * HOUR, last: 24, start: 24, end: 28 },
  ];
  test.each(cases)("$what", ({ periodSeconds, last, start, end }) => {
    const input = { periodSeconds, lastEndSeconds: at(last), firstTickSeconds: 0, fromSeconds: 0 };
    expect(nextWindow(input)).toEqual({ startSeconds: at(start), endSeconds: at(end) });
  });
});

describe("the first window of a configuration", () => {
  const cases = [
    { what: "starts at the first tick if that is aligned", tick: 8, from: 0, start: 8 },
    { what: "starts at the first boundary after a tick that is not aligned", tick: 9, from: 0, start: 12 },
    { what: "is the one that contains the configuration's beginning", tick: 0, from: 9, start: 8 },
    { what: "starts with the configuration if that begins at a boundary", tick: 0, from: 8, start: 8 },
    { what: "waits for the first tick, though the configuration is older", tick: 12, from: 9, start: 12 },
  ];
  test.each(cases)("$what", ({ tick, from, start }) => {
    const input = { lastEndSeconds: undefined, firstTickSeconds: at(tick), fromSeconds: at(from) };
    expect(nextWindow({ periodSeconds: 4 * HOUR, ...input })).toEqual({
      startSeconds: at(start),
      endSeconds: at(start + 4),
    });
  });
});

test("the last window ends when the configuration does, at the latest", () => {
  const input = { periodSeconds: HOUR, lastEndSeconds: at(8), firstTickSeconds: 0, fromSeconds: 0 };
  expect(nextWindow({ ...input, thruSeconds: at(9) })).toEqual({ startSeconds: at(8), endSeconds: at(9) });
  expect(nextWindow({ ...input, thruSeconds: at(9) - 1 })).toBeUndefined();
});

test("windows follow each other without a gap or an overlap, whatever the periods", () => {
  const periods = fc.array(fc.constantFrom(...SOME_PERIODS), { minLength: 1 });
  fc.assert(
    fc.property(periods, fc.nat(2 ** 31), (somePeriods, lastEnd) => {
      let lastEndSeconds = lastEnd;
      for (const periodSeconds of somePeriods) {
        const window = nextWindow({ periodSeconds, lastEndSeconds, firstTickSeconds: 0, fromSeconds: 0 });
        expect(window?.startSeconds).toBe(lastEndSeconds);
        lastEndSeconds = window?.endSeconds ?? 0;
        expect(lastEndSeconds % periodSeconds).toBe(0);
        expect(lastEndSeconds - (window?.startSeconds ?? 0)).toBeGreaterThan(0);
        expect(lastEndSeconds - (window?.startSeconds ?? 0)).toBeLessThanOrEqual(periodSeconds);
      }
    }),
  );
});

test("a window is due when its end is old enough", () => {
  const window = { startSeconds: at(8), endSeconds: at(9) };
  expect(isDue(window, at(11) - 1, 2 * HOUR)).toBe(false);
  expect(isDue(window, at(11), 2 * HOUR)).toBe(true);
});

test("boundaries are later than the one time and not later than the other", () => {
  expect(alignedBoundaries(4 * HOUR, at(4), at(12))).toEqual([at(8), at(12)]);
  expect(alignedBoundaries(4 * HOUR, at(4), at(8) - 1)).toEqual([]);
  expect(alignedBoundaries(HOUR, at(9), at(4))).toEqual([]);
});

test("the clock writes the boundaries of all periods, and the full hour always", () => {
  expect(dueBoundaries([], at(8), at(10))).toEqual([at(9), at(10)]);
  expect(dueBoundaries([1_800, 4 * HOUR, 1_800], at(11), at(12))).toEqual([at(11.5), at(12)]);
});

test("the clock misses no boundary and writes none twice, however often it looks", () => {
  const times = fc.array(fc.integer({ min: at(0), max: at(48) }), { minLength: 2 });
  fc.assert(
    fc.property(times, fc.subarray(SOME_PERIODS), (someTimes, periods) => {
      const looks = someTimes.sort((a, b) => a - b);
      const written = looks.slice(1).flatMap((time, i) => dueBoundaries(periods, looks[i] ?? time, time));
      expect(written).toEqual(dueBoundaries(periods, looks[0] ?? 0, looks.at(-1) ?? 0));
    }),
  );
});

test.each([0, -60, 7, 0.5, 2 * DAY, Number.NaN])("a period of %d seconds is refused", (periodSeconds) => {
  expect(isPeriod(periodSeconds)).toBe(false);
  expect(() => alignedBoundaries(periodSeconds, 0, 1)).toThrow(RangeError);
});

test.each(SOME_PERIODS)("a period of %d seconds divides a day", (periodSeconds) => {
  expect(isPeriod(periodSeconds)).toBe(true);
});

function at(hours: number): number {
  return MIDNIGHT + hours * HOUR;
}

function windowsUntil(periodSeconds: number, lastEndSeconds: number, untilSeconds: number): ExportWindow[] {
  const windows: ExportWindow[] = [];
  let last = lastEndSeconds;
  for (;;) {
    const input = { periodSeconds, lastEndSeconds: last, firstTickSeconds: 0, fromSeconds: 0 };
    const window = nextWindow({ ...input, thruSeconds: untilSeconds });
    if (window === undefined) return windows;
    windows.push(window);
    last = window.endSeconds;
  }
}

/** The reference server ends its batches at a multiple of its truncation window. */
function parseRow(row: z.infer<typeof rowsSchema>["rows"][number]): {
  periodSeconds: number;
  lastEndSeconds: number;
  untilSeconds: number;
  ranges: ExportWindow[];
} {
  const truncateSeconds = parseDuration(row.TruncateWindow);
  return {
    periodSeconds: parseDuration(row.Period),
    lastEndSeconds: row.LatestEnd === "" ? Number.NaN : Date.parse(row.LatestEnd) / 1000,
    untilSeconds: Math.floor(Date.parse(row.EffectiveNow) / 1000 / truncateSeconds) * truncateSeconds,
    ranges: (row.Ranges ?? []).map(({ Start, End }) => ({
      startSeconds: Date.parse(Start) / 1000,
      endSeconds: Date.parse(End) / 1000,
    })),
  };
}

function parseDuration(text: string): number {
  const part = (unit: string): number => Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0);
  return part("h") * HOUR + part("m") * 60 + part("s");
}
