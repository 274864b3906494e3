import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anOutcome, outcomeHourSeconds } from "./an-outcome.test-support.js";
import { checkOutcomes, countOutcomes, type Outcome } from "./count-outcomes.js";
import { noCounts, publishCount, type HourCounts } from "./counts.js";

function counted(...outcomes: readonly Outcome[]): HourCounts {
  const [hour, ...others] = countOutcomes(outcomes);
  expect(others).toEqual([]);
  return hour ?? { healthAuthorityId: "nobody", hourSeconds: 0, ...noCounts };
}

function ones(entries: number, ...at: readonly number[]): number[] {
  return Array.from({ length: entries }, (_, index) => at.filter((entry) => entry === index).length);
}

test("a first publish counts in everything but revisions", () => {
  expect(counted(anOutcome())).toEqual({
    healthAuthorityId: "doh",
    hourSeconds: outcomeHourSeconds,
    publish: [0, 0, 1],
    teks: 14,
    revisions: 0,
    oldestTekDays: ones(16, 13),
    onsetAgeDays: ones(30, 5),
    missingOnset: 0,
  });
});

test("a publish without an onset counts as such, and in no entry of the distribution", () => {
  expect(counted(anOutcome({ missingOnset: true, onsetToUploadDays: 0 }))).toMatchObject({
    publish: [0, 0, 1],
    oldestTekDays: ones(16, 13),
    onsetAgeDays: ones(30),
    missingOnset: 1,
  });
});

test("a request that revised a key counts in publishes, keys and revisions alone", () => {
  expect(counted(anOutcome({ inserted: 2, revised: 3, missingOnset: true }))).toMatchObject({
    publish: [0, 0, 1],
    teks: 5,
    revisions: 1,
    oldestTekDays: ones(16),
    onsetAgeDays: ones(30),
    missingOnset: 0,
  });
});

test("a first negative report counts as a publish without keys", () => {
  expect(counted(anOutcome({ inserted: 0, reportType: 5 }))).toMatchObject({
    publish: [0, 0, 1],
    teks: 0,
    oldestTekDays: ones(16, 13),
  });
});

describe("the last entry takes what is beyond it", () => {
  test.each([
    [0, 0],
    [14, 14],
    [15, 15],
    [16, 15],
    [400, 15],
  ])("a key %i days old counts in entry %i", (oldestTekDays, entry) => {
    expect(counted(anOutcome({ oldestTekDays })).oldestTekDays).toEqual(ones(16, entry));
  });

  test.each([
    [0, 0],
    [28, 28],
    [29, 29],
    [30, 29],
    [400, 29],
  ])("%i days since onset count in entry %i", (onsetToUploadDays, entry) => {
    expect(counted(anOutcome({ onsetToUploadDays })).onsetAgeDays).toEqual(ones(30, entry));
  });
});

test.each([
  [0, [1, 0, 0]],
  [1, [0, 1, 0]],
  [2, [0, 0, 1]],
  // A later version may know more platforms.
  [3, [1, 0, 0]],
])("platform %i counts in %j", (platform, publish) => {
  expect(counted(anOutcome({ platform: platform as 0 })).publish).toEqual(publish);
});

test("hours and health authorities are kept apart, and who has none is not counted", () => {
  const hours = countOutcomes([
    anOutcome(),
    anOutcome({ receivedWindowSeconds: outcomeHourSeconds + 3599 }),
    anOutcome({ receivedWindowSeconds: outcomeHourSeconds + 3600 }),
    anOutcome({ healthAuthorityId: "other" }),
    anOutcome({ healthAuthorityId: "" }),
  ]);
  const found = hours.map((hour) => [hour.healthAuthorityId, hour.hourSeconds, publishCount(hour)]);
  expect(found).toEqual([
    ["doh", outcomeHourSeconds, 2],
    ["doh", outcomeHourSeconds + 3600, 1],
    ["other", outcomeHourSeconds, 1],
  ]);
});

test.each([
  [-1, "bad_outcome_time"],
  [0, undefined],
  [253_402_300_799, undefined],
  [253_402_300_800, "bad_outcome_time"],
])("an outcome at %i is judged %s", (receivedWindowSeconds, reason) => {
  expect(checkOutcomes([anOutcome(), anOutcome({ receivedWindowSeconds })])).toBe(reason);
});

test("however outcomes are split into batches, together they count the same", () => {
  const outcome = fc.record({
    inserted: fc.nat(30),
    revised: fc.nat(2),
    platform: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    missingOnset: fc.boolean(),
    oldestTekDays: fc.nat(20),
    onsetToUploadDays: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(outcome, { minLength: 1 }), (changes) => {
      const hour = counted(...changes.map((change) => anOutcome(change)));
      const sum = (entries: readonly number[]): number => entries.reduce((total, entry) => total + entry, 0);
      expect(publishCount(hour)).toBe(changes.length);
      expect(hour.teks).toBe(sum(changes.map(({ inserted, revised }) => inserted + revised)));
      expect(hour.revisions + sum(hour.oldestTekDays)).toBe(changes.length);
      expect(hour.revisions + sum(hour.onsetAgeDays) + hour.missingOnset).toBe(changes.length);
    }),
  );
});
