import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { releaseSeconds } from "./embargo.js";
import { intervalNumber, truncate } from "./interval.js";
import { knownUntilSeconds, mayHaveLostDocument, outlivesDocument, type MemoryRule } from "./memory-rule.js";

const hour = 3600;
const day = 24 * hour;
const usual: MemoryRule = {
  keysRetentionSeconds: 14 * day,
  keyAgeSecondsMax: 15 * day,
  truncateWindowSeconds: hour,
  releaseStillValidKeys: false,
};
const end = 20_000 * day;
const key = { rollingStartIntervalNumber: end / 600 - 144, rollingPeriod: 144 };

test("a key is known until 15 days and an hour after its end", () => {
  expect(knownUntilSeconds(key, usual)).toBe(end + 15 * day + hour);
});

describe("a key is remembered beyond its document", () => {
  test.each([
    ["when it was held back until after its end", hour, true],
    ["when it had just ended", 0, true],
    ["when it had ended a day before", 24 * hour, true],
    ["and not when it had ended 25 hours before: the document stays long enough", 25 * hour, false],
    ["and not when it was older than that", 3 * day, false],
  ])("%s", (_what, afterEnd, expected) => {
    expect(outlivesDocument({ ...key, createdAtSeconds: end + afterEnd }, usual)).toBe(expected);
  });
});

describe("a key is looked for among the remembered ones", () => {
  const from = end - 2 * hour + 14 * day;
  test.each<[string, Partial<MemoryRule>, number, boolean]>([
    ["not while its document would still be there", {}, from - 1, false],
    ["as soon as the earliest document may be gone", {}, from, true],
    ["a period earlier where keys are not held back", { releaseStillValidKeys: true }, from - day, true],
    ["and no earlier than that", { releaseStillValidKeys: true }, from - day - 1, false],
    ["earlier where documents go earlier", { keysRetentionSeconds: 10 * day }, from - 4 * day, true],
  ])("%s", (_what, changes, nowSeconds, expected) => {
    expect(mayHaveLostDocument(key, nowSeconds, { ...usual, ...changes })).toBe(expected);
  });
});

test("of a usual upload one key is remembered, and hardly any is looked for", () => {
  const uploadedAt = end + 9 * hour;
  const keys = Array.from({ length: 14 }, (_, age) => ({
    ...key,
    rollingStartIntervalNumber: key.rollingStartIntervalNumber - age * 144,
    createdAtSeconds: uploadedAt,
  }));
  expect(keys.filter((one) => outlivesDocument(one, usual))).toEqual([keys[0]]);
  expect(keys.filter((one) => mayHaveLostDocument(one, uploadedAt, usual))).toEqual([]);
});

test("whenever a key comes and comes again, its document is there or its memory, and is looked at", () => {
  const rules = fc.record({
    keysRetentionSeconds: fc.integer({ min: 1, max: 30 * day }),
    keyAgeSecondsMax: fc.integer({ min: 0, max: 30 * day }),
    truncateWindowSeconds: fc.constantFrom(1, 60, hour),
    releaseStillValidKeys: fc.boolean(),
  });
  const times = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(rules, fc.integer({ min: 1, max: 144 }), times, fc.nat(300), (rule, period, at, delay) => {
      const start = end - period * 600;
      const one = { rollingStartIntervalNumber: start / 600, rollingPeriod: period };
      // A gateway takes the key from its start on, until the interval in which it becomes too old is over.
      const last = end + rule.keyAgeSecondsMax + 599;
      const [first, second] = at.map((share) => start + share * (last - start)).toSorted((a, b) => a - b);
      // The embargo counts from the time of the log, which is a little later than the gateway's.
      const release = rule.releaseStillValidKeys
        ? undefined
        : releaseSeconds(end / 600, intervalNumber((first ?? 0) + delay), rule.truncateWindowSeconds);
      const createdAtSeconds = release ?? truncate(first ?? 0, rule.truncateWindowSeconds);
      const decidedAt = (second ?? 0) + delay;
      if (decidedAt < createdAtSeconds + rule.keysRetentionSeconds) return;
      expect(outlivesDocument({ ...one, createdAtSeconds }, rule)).toBe(true);
      expect(mayHaveLostDocument(one, decidedAt, rule)).toBe(true);
      expect(decidedAt).toBeLessThan(knownUntilSeconds(one, rule));
    }),
    { numRuns: 2000 },
  );
});
