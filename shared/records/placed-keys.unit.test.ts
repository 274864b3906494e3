import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keysAccepted, type Accepted, type AcceptedRecord } from "../topology.js";
import { aPlacedKey, bytesOf } from "./a-placed-key.test-support.js";
import { acceptedRecords } from "./accepted-batch.js";
import type { PlacedKey, PlacedRevision } from "./placed-key.js";
import { placedKeys } from "./placed-keys.js";

const source = { partition: 1, firstOffset: 10, lastOffset: 19 };
const reportType = fc.constantFrom("", "confirmed", "likely", "negative", "user-report");
const onset = fc.option(fc.integer({ min: -14, max: 14 }), { nil: undefined });
const authority = fc.constantFrom(undefined, "1", "doh");
const position = fc.record({ partition: fc.nat(50), offset: fc.nat(2 ** 40) });
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));

const aRevision: fc.Arbitrary<PlacedRevision> = fc
  .record({
    reportType,
    transmissionRisk: fc.nat(8),
    revisedAtSeconds: fc.nat(2 ** 33),
    revisedBy: sixteen,
    revisedAt: position,
    daysSinceOnset: onset,
    healthAuthorityId: authority,
  })
  .map(withoutUndefined);

const aKey: fc.Arbitrary<PlacedKey> = fc
  .record({
    tek: sixteen,
    rollingStartIntervalNumber: fc.integer({ min: 1, max: 4_000_000 }),
    rollingPeriod: fc.integer({ min: 1, max: 144 }),
    reportType,
    transmissionRisk: fc.nat(8),
    daysSinceOnset: onset,
    regions: fc.array(fc.constantFrom("US", "CA", "MX"), { maxLength: 3 }),
    traveler: fc.boolean(),
    app: fc.constantFrom("gov.example.a", "gov.example.b"),
    healthAuthorityId: authority,
    createdAtSeconds: fc.nat(2 ** 33),
    releaseSeconds: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
    provenance: fc.constantFrom("local" as const, "federated" as const, "imported" as const),
    insertedBy: sixteen,
    insertedAt: position,
  })
  .map(withoutUndefined);

test("every key comes back from the record as it was placed, inserted or revised", () => {
  const entry = fc.record({ key: aKey, revision: aRevision });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
      const inserted = entries.map(({ key }) => key);
      const revised = entries.map(({ key, revision }) => ({ ...key, revision }));
      const { accepted, embargoed } = acceptedRecords({ inserted, revised, outcomes: [], source });
      const read = [...accepted, ...embargoed].map(overTheWire).map(placedKeys);
      const sets = read.flatMap((keys) => (typeof keys === "string" ? [] : [keys]));
      expect(sorted(sets.flatMap((keys) => keys.inserted))).toEqual(sorted(inserted));
      expect(sorted(sets.flatMap((keys) => keys.revised))).toEqual(sorted(revised));
    }),
  );
});

test.each<[string, Accepted]>([
  ["bad_tek", { origins: [{}], inserted: [{ tek: bytesOf("a").subarray(1) }] }],
  ["bad_origin", { inserted: [{ tek: bytesOf("a") }] }],
  ["bad_key", { origins: [{}], inserted: [{ tek: bytesOf("a") }] }],
  [
    "no_revision",
    { origins: [{}], revised: [{ tek: bytesOf("a"), rollingStartIntervalNumber: 1, rollingPeriod: 144 }] },
  ],
])("a record that exports leave out is left out: %s", (reason, record) => {
  expect(placedKeys(overTheWire(record))).toBe(reason);
});

test("a tick holds no keys", () => {
  const tick = overTheWire({ tick: { boundarySeconds: 3600, partitions: 3 } });
  expect(placedKeys(tick)).toEqual({ inserted: [], revised: [] });
  expect(aPlacedKey().tek).toHaveLength(16);
});

function overTheWire(message: Accepted): AcceptedRecord {
  return keysAccepted.codec.decode(keysAccepted.codec.encode(message).finish());
}

function sorted(keys: readonly PlacedKey[]): readonly string[] {
  return keys.map((key) => JSON.stringify(key, Object.keys(key).toSorted())).toSorted();
}

function withoutUndefined<Value extends object>(
  value: Value,
): { [Name in keyof Value]: Exclude<Value[Name], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
