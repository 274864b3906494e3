import { describe, expect, test } from "vitest";
import type { ExportSettings } from "../deployment/deployment.js";
import { someSettings } from "../deployment/some-settings.test-support.js";
import { aPlacedKey, bytesOf } from "../records/a-placed-key.test-support.js";
import { asRevised, keyRecord, originOf } from "../records/key-record.js";
import type { PlacedKey } from "../records/placed-key.js";
import { keysAccepted, keysEmbargoed, type Accepted } from "../topology.js";
import { readPacked, teksOf } from "./read-packed.test-support.js";
import { windowCollector, type RecordPlace, type WindowKeys } from "./collect-window.js";

const window = { startSeconds: 1000, endSeconds: 2000 };
const inside: RecordPlace = { topic: keysAccepted.topic, offset: 12, windowStartOffset: 10 };

/** A key of the window's time, which is the beginning of the epoch. */
function aKey(changes: Partial<PlacedKey> = {}): PlacedKey {
  return aPlacedKey({ rollingStartIntervalNumber: 1, ...changes });
}

function aRecord(keys: readonly PlacedKey[], releaseSeconds?: number): Accepted {
  const release = releaseSeconds === undefined ? {} : { releaseSeconds };
  return {
    origins: keys.map(originOf),
    inserted: keys.map((key, origin) => keyRecord({ ...key, ...release }, origin, false)),
  };
}

function collect(
  record: Accepted,
  place: RecordPlace = inside,
  changes: Partial<ExportSettings> = {},
): WindowKeys {
  const { add, collected } = windowCollector(window, someSettings(changes));
  add(keysAccepted.codec.encode(record).finish(), place);
  return collected;
}

test("a key is exported with its first values", () => {
  expect(readPacked(collect(aRecord([aKey()])).keys)).toEqual([
    {
      key: bytesOf("a key").toString("base64"),
      rollingStart: 1,
      rollingPeriod: 144,
      transmissionRisk: 2,
      reportType: 1,
      daysSinceOnset: -3,
    },
  ]);
});

test("a key without an onset is exported without one, not with 0", () => {
  const { daysSinceOnset: _days, ...withoutOnset } = aKey();
  const daysOf = (key: PlacedKey): number | undefined =>
    readPacked(collect(aRecord([key])).keys)[0]?.daysSinceOnset;
  expect(daysOf(withoutOnset)).toBeUndefined();
  expect(daysOf(aKey({ daysSinceOnset: 0 }))).toBe(0);
});

test("a revised key is exported with its revised values, the risk among them", () => {
  const revision = {
    reportType: "negative",
    transmissionRisk: 6,
    revisedAtSeconds: 1500,
    revisedBy: bytesOf("r"),
    revisedAt: { partition: 0, offset: 1 },
  } as const;
  const key = aKey({ revision });
  const { keys, revisedKeys } = collect({
    origins: [originOf(key)],
    revised: [keyRecord(key, 0, true)],
  });
  expect(keys.count).toBe(0);
  expect(readPacked(revisedKeys)).toMatchObject([
    { reportType: 5, transmissionRisk: 6, daysSinceOnset: undefined },
  ]);
});

test("a revised key is exported where its revision has taken it", () => {
  const revision = {
    reportType: "negative",
    transmissionRisk: 6,
    revisedAtSeconds: 1500,
    revisedBy: bytesOf("r"),
    revisedAt: { partition: 0, offset: 1 },
    regions: ["CA", "US"],
  } as const;
  const key = aKey({ regions: ["CA"], revision });
  const record = {
    origins: [originOf(key), originOf(asRevised(key))],
    inserted: [keyRecord(key, 0, false)],
    revised: [keyRecord(key, 0, true, 1)],
  };
  const { keys, revisedKeys } = collect(record);
  expect([keys.count, revisedKeys.count]).toEqual([0, 1]);
});

describe("which keys of a record a configuration takes", () => {
  const keys = [
    aKey({ tek: bytesOf("us"), regions: ["US"] }),
    aKey({ tek: bytesOf("us traveler"), regions: ["US"], traveler: true }),
    aKey({ tek: bytesOf("ca"), regions: ["CA"] }),
    aKey({ tek: bytesOf("ca traveler"), regions: ["CA"], traveler: true }),
    aKey({ tek: bytesOf("both"), regions: ["CA", "US"] }),
  ];
  test.each<[string, Partial<ExportSettings>, string[]]>([
    ["its output region's, when it names no input", {}, ["us", "us traveler", "both"]],
    ["its input regions'", { inputRegions: ["CA"] }, ["ca", "ca traveler", "both"]],
    [
      "every input region's",
      { inputRegions: ["CA", "US"] },
      ["us", "us traveler", "ca", "ca traveler", "both"],
    ],
    ["none of an excluded region", { excludeRegions: ["CA"] }, ["us", "us traveler"]],
    ["travelers' of everywhere", { includeTravelers: true }, ["us", "us traveler", "ca traveler", "both"]],
    ["no travelers'", { onlyNonTravelers: true }, ["us", "both"]],
  ])("%s", (_what, changes, names) => {
    const { keys: taken } = collect(aRecord(keys), inside, changes);
    expect(teksOf(taken)).toEqual(names.map(bytesOf));
  });
});

describe("of keys.embargoed", () => {
  const at = (offset: number): RecordPlace => ({ topic: keysEmbargoed.topic, offset, windowStartOffset: 10 });
  test.each([
    ["its own record, released before its end", 12, 1999, 1],
    ["its own record, released before its start", 12, 999, 1],
    ["its own record, not released yet", 12, 2000, 0],
    ["an earlier record, released in it", 9, 1000, 1],
    ["an earlier record, released before it", 9, 999, 0],
    ["an earlier record, not released yet", 9, 2000, 0],
  ])("%s", (_what, offset, releaseSeconds, count) => {
    expect(collect(aRecord([aKey()], releaseSeconds), at(offset)).keys.count).toBe(count);
  });
});

describe("what is left out, whole", () => {
  const sound = aRecord([aKey()]);
  test.each<[string, Accepted]>([
    ["a tick", { ...sound, tick: { boundarySeconds: 1500, partitions: 1 } }],
    [
      "a record with one bad key",
      { ...sound, inserted: [...(sound.inserted ?? []), { tek: new Uint8Array(3) }] },
    ],
  ])("%s", (_what, record) => {
    const { keys, revisedKeys } = collect(record);
    expect([keys.count, revisedKeys.count]).toEqual([0, 0]);
  });
});

test.each([
  ["of the day after the window", 2 * 144, 0],
  ["of its end", 3 + 144, 1],
])("one key %s is left out or not, and the others of its record stay", (_what, start, count) => {
  const keys = [aKey({ tek: bytesOf("odd"), rollingStartIntervalNumber: start }), aKey()];
  expect(collect(aRecord(keys)).keys.count).toBe(1 + count);
});

test("a key too old for any phone is left out", () => {
  const late = { startSeconds: 31 * 86_400, endSeconds: 31 * 86_400 + 1000 };
  const { add, collected } = windowCollector(late, someSettings());
  const keys = [aKey({ tek: bytesOf("old") }), aKey({ rollingStartIntervalNumber: 145 })];
  add(keysAccepted.codec.encode(aRecord(keys)).finish(), inside);
  expect(teksOf(collected.keys)).toEqual([aKey().tek]);
});
