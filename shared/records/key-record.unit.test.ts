import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keysAccepted, type Accepted, type AcceptedRecord } from "../topology.js";
import { aPlacedKey, bytesOf } from "./a-placed-key.test-support.js";
import { checkKeyRecords, keyRecord, originKey, originOf } from "./key-record.js";

const revision = {
  reportType: "negative",
  transmissionRisk: 6,
  daysSinceOnset: 2,
  revisedAtSeconds: 1_795_471_200,
  healthAuthorityId: "doh",
  revisedBy: bytesOf("a revision"),
  revisedAt: { partition: 2, offset: 7 },
} as const;

function overTheWire(message: Accepted): AcceptedRecord {
  return keysAccepted.codec.decode(keysAccepted.codec.encode(message).finish());
}

test("a key's record holds the whole document", () => {
  const key = aPlacedKey({ insertedAt: { partition: 3, offset: 41 }, releaseSeconds: 1000 });
  const { inserted } = overTheWire({ origins: [originOf(key)], inserted: [keyRecord(key, 0, false)] });
  expect(inserted[0]).toMatchObject({
    rollingStartIntervalNumber: key.rollingStartIntervalNumber,
    rollingPeriod: 144,
    reportType: 1,
    transmissionRisk: 2,
    daysSinceOnset: -3,
    createdAtSeconds: key.createdAtSeconds,
    insertedAtOffset: 41,
    insertedAtPartition: 3,
    releaseSeconds: 1000,
  });
  expect(Buffer.from(inserted[0]?.tek ?? [])).toEqual(key.tek);
  expect(Buffer.from(inserted[0]?.insertedBy ?? [])).toEqual(key.insertedBy);
});

test("an onset of 0 days stays apart from none", () => {
  const { daysSinceOnset: _days, ...withoutOnset } = aPlacedKey();
  const keys = [keyRecord(aPlacedKey({ daysSinceOnset: 0 }), 0, false)];
  keys.push(keyRecord(withoutOnset, 0, false));
  const { inserted } = overTheWire({ origins: [{}], inserted: keys });
  expect(inserted[0]?.daysSinceOnset).toBe(0);
  expect(inserted[1]?.daysSinceOnset ?? undefined).toBeUndefined();
});

test("a revision stands beside the first values, and only where it is asked for", () => {
  const key = aPlacedKey({ revision });
  expect(keyRecord(key, 0, false).revision).toBeUndefined();
  expect(keyRecord(key, 0, true)).toMatchObject({
    reportType: 1,
    revision: { reportType: 5, transmissionRisk: 6, revisedAtOffset: 7, revisedAtPartition: 2 },
  });
});

describe("origins", () => {
  test.each([
    ["app", { app: "another" }],
    ["health authority", { healthAuthorityId: "another" }],
    ["regions", { regions: ["US", "CA"] }],
    ["traveler", { traveler: true }],
    ["provenance", { provenance: "imported" as const }],
  ])("differ with the %s", (_what, changes) => {
    expect(originKey(aPlacedKey(changes))).not.toBe(originKey(aPlacedKey()));
    expect(originOf(aPlacedKey(changes))).not.toEqual(originOf(aPlacedKey()));
  });

  test("are the same for keys that differ in anything else", () => {
    const other = aPlacedKey({ tek: bytesOf("other"), transmissionRisk: 7, createdAtSeconds: 1 });
    expect(originKey(other)).toBe(originKey(aPlacedKey()));
  });
});

describe("a record that no window can use is named", () => {
  const sound = {
    tek: bytesOf("a"),
    reportType: 1,
    origin: 0,
    rollingStartIntervalNumber: 2_992_320,
    rollingPeriod: 144,
  } as const;
  const inserted = (changes: NonNullable<Accepted["inserted"]>[number]): Accepted => ({
    origins: [{}],
    inserted: [{ ...sound, ...changes }],
  });
  const revised = (changes: object): Accepted => ({
    origins: [{}],
    revised: [{ ...sound, revision: changes }],
  });
  test.each<[string, Accepted, string | undefined]>([
    ["a sound one", { origins: [{}], inserted: [sound], revised: [{ ...sound, revision: {} }] }, undefined],
    ["an empty one", {}, undefined],
    ["a tick", { tick: { boundarySeconds: 4, partitions: 1 } }, undefined],
    ["a short TEK", { origins: [{}], inserted: [{ ...sound, tek: new Uint8Array(15) }] }, "bad_tek"],
    ["no TEK", { origins: [{}], inserted: [{ reportType: 1 }] }, "bad_tek"],
    [
      "an unknown report type",
      { origins: [{}], inserted: [{ ...sound, reportType: 4 as never }] },
      "bad_report_type",
    ],
    ["an origin that is not there", { origins: [{}], inserted: [{ ...sound, origin: 1 }] }, "bad_origin"],
    [
      "an origin of a revision that is not there",
      { origins: [{}], revised: [{ ...sound, revision: { origin: 1 } }] },
      "bad_origin",
    ],
    ["a revised key without its revision", { origins: [{}], revised: [sound] }, "no_revision"],
    [
      "one bad key behind good ones",
      { origins: [{}], inserted: [sound, { ...sound, origin: 9 }] },
      "bad_origin",
    ],
    ["a period of 0", inserted({ rollingPeriod: 0 }), "bad_key"],
    ["a period of 145", inserted({ rollingPeriod: 145 }), "bad_key"],
    ["a negative start", inserted({ rollingStartIntervalNumber: -1 }), "bad_key"],
    ["a risk of 9", inserted({ transmissionRisk: 9 }), "bad_key"],
    ["a risk below 0", inserted({ transmissionRisk: -1 }), "bad_key"],
    ["an onset of 15 days", inserted({ daysSinceOnset: -15 }), "bad_key"],
    ["a revision of an unknown report type", revised({ reportType: 4 }), "bad_report_type"],
    ["a revision with a risk of 9", revised({ transmissionRisk: 9 }), "bad_key"],
  ])("%s", (_what, message, reason) => {
    expect(checkKeyRecords(overTheWire(message))).toBe(reason);
  });
});

test("whatever bytes decode, checking them does not throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let record: AcceptedRecord | undefined;
      try {
        record = keysAccepted.codec.decode(bytes);
      } catch {
        return;
      }
      checkKeyRecords(record);
    }),
  );
});
