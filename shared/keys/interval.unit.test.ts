import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { daysBetween, intervalNumber, intervalStartSeconds, truncate } from "./interval.js";

interface TimeVectors {
  days_between: { A: number; B: number; Days: number }[];
  interval_number: { Time: string; Interval: number }[];
}

const vectors: TimeVectors = JSON.parse(
  readFileSync(new URL("../../test/vectors/publish/time.json", import.meta.url), "utf8"),
);

describe("interval numbers and days agree with the reference server", () => {
  test.each(vectors.days_between)("from $A to $B it is $Days days", ({ A, B, Days }) => {
    expect(daysBetween(A, B)).toBe(Days);
  });

  test.each(vectors.interval_number)("$Time lies in interval $Interval", ({ Time, Interval }) => {
    expect(intervalNumber(Date.parse(Time) / 1000)).toBe(Interval);
  });
});

test("a time lies in the interval that its number names", () => {
  fc.assert(
    fc.property(fc.nat(), (seconds) => {
      const start = intervalStartSeconds(intervalNumber(seconds));
      expect(start).toBeLessThanOrEqual(seconds);
      expect(start + 600).toBeGreaterThan(seconds);
    }),
  );
});

test.each([
  [1_603_899_432, 3600, 1_603_897_200],
  [1_603_897_200, 3600, 1_603_897_200],
  [1_603_899_432.9, 86_400, 1_603_843_200],
  // Seven hours do not divide a day, so that counting from year 1 shows.
  [1_603_899_432, 25_200, 1_603_897_200],
])("%d rounded down to a multiple of %d seconds is %d", (seconds, window, expected) => {
  expect(truncate(seconds, window)).toBe(expected);
});
