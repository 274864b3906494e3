import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundaryPosition, foldTick, validTicks, type Tick } from "./ticks.js";

const T = 1_590_004_800;

describe("a tick", () => {
  const cases = [
    { what: "on time is valid", last: T - 60, boundary: T, appended: T, verdict: "valid" },
    { what: "that comes late is valid", last: T - 60, boundary: T, appended: T + 9_000, verdict: "valid" },
    { what: "is valid as the first of all", last: undefined, boundary: T, appended: T, verdict: "valid" },
    { what: "5 seconds ahead is valid", last: undefined, boundary: T, appended: T - 5, verdict: "valid" },
    {
      what: "further ahead is ignored",
      last: undefined,
      boundary: T,
      appended: T - 5.001,
      verdict: "ahead-of-time",
    },
    { what: "for the same boundary is ignored", last: T, boundary: T, appended: T, verdict: "not-later" },
    {
      what: "for an earlier boundary is ignored",
      last: T,
      boundary: T - 60,
      appended: T,
      verdict: "not-later",
    },
  ];
  test.each(cases)("$what", ({ last, boundary, appended, verdict }) => {
    const outcome = foldTick(last, { boundarySeconds: boundary, appendedAtSeconds: appended });
    expect(outcome.kind === "valid" ? "valid" : outcome.reason).toBe(verdict);
    expect(outcome.lastBoundarySeconds).toBe(verdict === "valid" ? boundary : last);
  });
});

test("a clock that jumped ahead does no harm", () => {
  const ticks = [tick(T), tick(T + 86_400, T + 60), tick(T + 3_600)];
  expect(validTicks(ticks)).toEqual([tick(T), tick(T + 3_600)]);
});

test("boundaries of valid ticks rise, and a second clock adds nothing", () => {
  const log = fc.array(fc.record({ late: fc.integer({ min: -20, max: 300 }), hour: fc.nat(10) }));
  fc.assert(
    fc.property(log, (entries) => {
      const ticks = entries.map(({ hour, late }) => tick(T + hour * 3_600, T + hour * 3_600 + late));
      const boundaries = validTicks(ticks).map(({ boundarySeconds }) => boundarySeconds);
      expect(boundaries).toEqual([...new Set(boundaries)].sort((a, b) => a - b));
      expect(validTicks(ticks.flatMap((each) => [each, each]))).toEqual(validTicks(ticks));
    }),
  );
});

describe("the position of a boundary", () => {
  const ticks = [position(T, 10), position(T + 3_600, 20), position(T + 10_800, 30)];
  const cases = [
    { what: "is the offset of its tick", boundary: T + 3_600, logStart: 0, expected: 20 },
    {
      what: "is that of the next tick if its own is missing",
      boundary: T + 7_200,
      logStart: 0,
      expected: 30,
    },
    { what: "is the offset of the very first tick", boundary: T, logStart: 0, expected: 10 },
    {
      what: "before the partition existed is the start of the log",
      boundary: T - 3_600,
      logStart: 0,
      expected: 0,
    },
    {
      what: "is not known before a later tick was read",
      boundary: T + 10_801,
      logStart: 0,
      expected: "not-yet",
    },
    {
      what: "is lost with the ticks before the first one left",
      boundary: T,
      logStart: 5,
      expected: "expired",
    },
    { what: "long ago is lost too", boundary: T - 3_600, logStart: 5, expected: "expired" },
    { what: "is known after the first tick left", boundary: T + 1, logStart: 5, expected: 20 },
  ];
  test.each(cases)("$what", ({ boundary, logStart, expected }) => {
    const found = boundaryPosition(boundary, ticks, logStart);
    expect(found.kind === "at" ? found.offset : found.kind).toBe(expected);
  });
});

test("every record before the last tick lies in exactly one of the windows that follow each other", () => {
  const gaps = fc.array(fc.record({ records: fc.nat(3), hours: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(gaps, fc.nat(3), (someGaps, hoursBefore) => {
      const ticks = ticksOf(someGaps);
      const lastTick = ticks.at(-1) ?? position(T, 0);
      const offsets: number[] = [];
      for (let start = T - hoursBefore * 3_600; start < lastTick.boundarySeconds; start += 3_600) {
        offsets.push(...offsetsBetween(start, start + 3_600, ticks));
      }
      const begin = hoursBefore === 0 ? (ticks[0]?.offset ?? 0) : 0;
      expect(offsets).toEqual(range(begin, lastTick.offset));
    }),
  );
});

function tick(boundarySeconds: number, appendedAtSeconds = boundarySeconds): Tick {
  return { boundarySeconds, appendedAtSeconds };
}

function position(boundarySeconds: number, offset: number): { boundarySeconds: number; offset: number } {
  return { boundarySeconds, offset };
}

/** A log that begins with some records, then a tick for T; then more records and ticks, with hours that have none. */
function ticksOf(gaps: { records: number; hours: number }[]): ReturnType<typeof position>[] {
  let [offset, boundarySeconds] = [0, T];
  return gaps.map(({ records, hours }, i) => {
    offset += records + (i === 0 ? 0 : 1);
    boundarySeconds += i === 0 ? 0 : hours * 3_600;
    return position(boundarySeconds, offset);
  });
}

function offsetsBetween(start: number, end: number, ticks: ReturnType<typeof ticksOf>): number[] {
  const [from, to] = [boundaryPosition(start, ticks, 0), boundaryPosition(end, ticks, 0)];
  return from.kind === "at" && to.kind === "at" ? range(from.offset, to.offset) : [];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
