import { describe, expect, test } from "vitest";
import { noCounts, type HourCounts } from "./counts.js";
import { daySeconds, shownDays } from "./shown-days.js";

const rule = { uploadMinimum: 10, embargoSeconds: 172_800 };
/** 22 November 2026, 0:00 UTC. */
const day = 1_795_305_600;

function hourWith(uploads: number, hourSeconds: number): HourCounts {
  return { healthAuthorityId: "doh", hourSeconds, ...noCounts, publish: [0, uploads, 0], teks: 14 * uploads };
}

function shown(hours: readonly HourCounts[], nowSeconds: number, changes: Partial<typeof rule> = {}) {
  return shownDays(hours, nowSeconds, { ...rule, ...changes }).map(({ dayStartSeconds, publish }) => [
    dayStartSeconds,
    publish[1],
  ]);
}

describe("a day with fewer publishes than the minimum", () => {
  const dayEnd = day + daySeconds;
  test.each([
    [9, dayEnd + 172_799, []],
    [9, dayEnd + 172_800, [[day, 9]]],
    [10, dayEnd, [[day, 10]]],
    [11, dayEnd, [[day, 11]]],
    [1, dayEnd + 172_800, [[day, 1]]],
  ])("%i publishes, asked for at %i, give %j", (uploads, nowSeconds, expected) => {
    expect(shown([hourWith(uploads, day)], nowSeconds)).toEqual(expected);
  });

  test("is never shown when there is no embargo period", () => {
    expect(shown([hourWith(9, day)], dayEnd + 10 * 172_800, { embargoSeconds: 0 })).toEqual([]);
    expect(shown([hourWith(10, day)], dayEnd, { embargoSeconds: 0 })).toEqual([[day, 10]]);
  });
});

describe("the current hour", () => {
  const noon = day + 12 * 3600;
  test.each([
    ["not shown at its beginning", noon, 10],
    ["not shown at its end", noon + 3599, 10],
    ["shown when it is over", noon + 3600, 25],
  ])("is %s", (_when, nowSeconds, uploads) => {
    expect(shown([hourWith(10, noon - 3600), hourWith(15, noon)], nowSeconds)).toEqual([[day, uploads]]);
  });

  test("does not help a day over the minimum", () => {
    expect(shown([hourWith(9, noon - 3600), hourWith(1, noon)], noon + 3599)).toEqual([]);
    expect(shown([hourWith(9, noon - 3600), hourWith(1, noon)], noon + 3600)).toEqual([[day, 10]]);
  });

  test("and hours after it, from a clock ahead of ours, are left out", () => {
    expect(shown([hourWith(10, noon + 3600)], noon)).toEqual([]);
  });
});

test("hours are merged by UTC day, of every partition, and days stand in their order", () => {
  const hours = [
    hourWith(10, day + 2 * daySeconds),
    hourWith(4, day + daySeconds - 3600),
    hourWith(3, day),
    hourWith(5, day),
    hourWith(10, day + daySeconds),
  ];
  expect(shown(hours, day + 3 * daySeconds)).toEqual([
    [day, 12],
    [day + daySeconds, 10],
    [day + 2 * daySeconds, 10],
  ]);
});

test("every count of a day is the sum of its hours' counts", () => {
  const from = (first: number, entries: number): number[] =>
    Array.from({ length: entries }, (_, index) => first + index);
  const hour = (first: number): HourCounts => ({
    healthAuthorityId: "doh",
    hourSeconds: day,
    publish: from(10 * first, 3),
    teks: first,
    revisions: first + 1,
    oldestTekDays: from(first, 16),
    onsetAgeDays: from(first, 30),
    missingOnset: first + 2,
  });
  expect(shownDays([hour(1), hour(100)], day + daySeconds, rule)).toEqual([
    {
      dayStartSeconds: day,
      publish: [1010, 1012, 1014],
      teks: 101,
      revisions: 103,
      oldestTekDays: from(0, 16).map((index) => 101 + 2 * index),
      onsetAgeDays: from(0, 30).map((index) => 101 + 2 * index),
      missingOnset: 105,
    },
  ]);
});
