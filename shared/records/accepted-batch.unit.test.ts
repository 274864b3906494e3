import { describe, expect, test } from "vitest";
import { regionsBytesMax } from "../keys/regions.js";
import { keysAccepted } from "../topology.js";
import { aPlacedKey, bytesOf } from "./a-placed-key.test-support.js";
import { acceptedRecords, type DecidedKeys } from "./accepted-batch.js";
import type { PlacedKey } from "./placed-key.js";

const source = { partition: 1, firstOffset: 10, lastOffset: 19 };
const outcome = { healthAuthorityId: "doh", inserted: 1 };

function decided(changes: Partial<DecidedKeys>): DecidedKeys {
  return { inserted: [], revised: [], outcomes: [], source, ...changes };
}

function named(name: string, releaseSeconds?: number): PlacedKey {
  return aPlacedKey({ tek: bytesOf(name), ...(releaseSeconds === undefined ? {} : { releaseSeconds }) });
}

function teksOf(records: readonly { inserted?: readonly { tek?: Uint8Array | null }[] | null }[]): Buffer[] {
  return records.flatMap(({ inserted }) => (inserted ?? []).map(({ tek }) => Buffer.from(tek ?? [])));
}

test("a slice that changed nothing makes no record", () => {
  expect(acceptedRecords(decided({}))).toEqual({ accepted: [], embargoed: [] });
});

test("a key with a release time goes to the embargoed records alone, any other to the accepted ones", () => {
  const { accepted, embargoed } = acceptedRecords(
    decided({ inserted: [named("free"), named("held", 1000)] }),
  );
  expect(teksOf(accepted)).toEqual([bytesOf("free")]);
  expect(teksOf(embargoed)).toEqual([bytesOf("held")]);
  expect(embargoed[0]?.inserted?.[0]?.releaseSeconds).toBe(1000);
  expect(accepted[0]?.inserted?.[0]?.releaseSeconds).toBeUndefined();
});

test("outcomes stand in the first accepted record, also when every key is held back", () => {
  const held = acceptedRecords(decided({ inserted: [named("held", 1000)], outcomes: [outcome] }));
  expect(held.accepted).toEqual([{ outcomes: [outcome], source }]);
  expect(held.embargoed[0]?.outcomes).toBeUndefined();
  const free = acceptedRecords(decided({ inserted: [named("free")], outcomes: [outcome] }));
  expect(free.accepted).toHaveLength(1);
  expect(free.accepted[0]?.outcomes).toEqual([outcome]);
});

describe("many keys", () => {
  const names = Array.from({ length: 4000 }, (_, index) => `key ${index}`);
  const { accepted } = acceptedRecords(
    decided({ inserted: names.map((name) => named(name)), outcomes: [outcome] }),
  );

  test("are split into records that each topic takes", () => {
    const sizes = accepted.map((record) => keysAccepted.codec.encode(record).finish().length);
    expect(accepted.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(256_000);
  });

  test("are sorted by TEK across all records, so that the order tells nothing", () => {
    const teks = teksOf(accepted);
    expect(teks).toHaveLength(names.length);
    expect(teks).toEqual(teks.toSorted((a, b) => a.compare(b)));
  });

  test("come with their outcomes and their source once each", () => {
    expect(accepted.filter(({ outcomes }) => outcomes !== undefined)).toHaveLength(1);
    expect(accepted.every((record) => record.source === source)).toBe(true);
  });
});

const longestName = "a".repeat(128);

/** Numbers at their largest, and names at their longest. */
function atLargest(index: number) {
  const place = { partition: 2 ** 32 - 1, offset: Number.MAX_SAFE_INTEGER };
  return {
    tek: bytesOf(`key ${index}`),
    rollingStartIntervalNumber: 2 ** 31 - 1,
    createdAtSeconds: -1,
    insertedAt: place,
    revision: {
      reportType: "negative",
      transmissionRisk: 8,
      daysSinceOnset: -14,
      healthAuthorityId: longestName,
      revisedAtSeconds: -1,
      revisedBy: bytesOf(`revision ${index}`),
      revisedAt: place,
    },
  } as const;
}

describe("keys that each bring as many regions as there may be, to which a revision adds as many", () => {
  const regionsOf = (name: string): string[] =>
    Array.from({ length: regionsBytesMax / 10 }, (_, index) => `${name}${String(index).padStart(4, "0")}`);
  const keys = Array.from({ length: 60 }, (_, index) => {
    const regions = regionsOf(`A${100 + index}`.slice(-3));
    const largest = atLargest(index);
    return aPlacedKey({
      ...largest,
      daysSinceOnset: -14,
      app: longestName,
      healthAuthorityId: longestName,
      regions,
      revision: { ...largest.revision, regions: [...regions, ...regionsOf("BBB")] },
    });
  });
  const outcomes = Array.from({ length: 2000 }, () => ({
    ...outcome,
    healthAuthorityId: longestName,
    receivedWindowSeconds: -1,
  }));
  const { accepted } = acceptedRecords(decided({ inserted: keys, revised: keys, outcomes }));
  const sizes = accepted.map((record) => keysAccepted.codec.encode(record).finish().length);

  test("are split into records that each topic takes, with the most outcomes beside them", () => {
    expect(Math.max(...sizes)).toBeLessThan(456_000);
    expect(Math.max(...sizes.slice(2))).toBeLessThan(256_000);
  });

  test("fill their records, and come once each", () => {
    expect(Math.min(...sizes.slice(2, -1))).toBeGreaterThan(256_000 - 35_000);
    expect(accepted.flatMap((record) => record.inserted ?? [])).toHaveLength(keys.length);
    expect(accepted.flatMap((record) => record.revised ?? [])).toHaveLength(keys.length);
  });

  test("find their regions in their own record", () => {
    for (const { origins, inserted, revised } of accepted) {
      for (const { tek, origin, revision } of [...(inserted ?? []), ...(revised ?? [])]) {
        const key = keys.find((one) => one.tek.equals(tek ?? Buffer.alloc(0)));
        expect(origins?.[origin ?? 0]?.regions).toEqual(key?.regions);
        const regions = revision && origins?.[revision.origin ?? -1]?.regions;
        if (revision) expect(regions).toEqual(key?.revision?.regions);
      }
    }
  });
});

test("numbers at their largest and names at their longest leave no record too large", () => {
  const keys = Array.from({ length: 4000 }, (_, index) =>
    aPlacedKey({ ...atLargest(index), releaseSeconds: 2 ** 52 }),
  );
  const { embargoed } = acceptedRecords(decided({ revised: keys }));
  const sizes = embargoed.map((record) => keysAccepted.codec.encode(record).finish().length);
  expect(Math.max(...sizes)).toBeLessThan(256_000);
});

test("a revision that adds regions has an origin of its own, and the key keeps its own", () => {
  const revision = {
    reportType: "confirmed",
    transmissionRisk: 2,
    revisedAtSeconds: 1500,
    revisedBy: bytesOf("r"),
    revisedAt: { partition: 0, offset: 1 },
  } as const;
  const more = { ...revision, regions: ["US", "CA"] };
  const keys = [
    aPlacedKey({ tek: bytesOf("a"), revision }),
    aPlacedKey({ tek: bytesOf("b"), revision: more }),
  ];
  const { origins = [], revised: written = [] } =
    acceptedRecords(decided({ revised: keys })).accepted[0] ?? {};
  const regionsAt = (index: number | null | undefined): unknown => origins?.[index ?? 0]?.regions;
  const told = (written ?? []).map(({ tek, origin, revision: change }) => [
    Buffer.from(tek ?? []).equals(bytesOf("b")),
    regionsAt(origin),
    regionsAt(change?.origin ?? origin),
  ]);
  expect(told).toHaveLength(2);
  expect(told).toContainEqual([false, ["US"], ["US"]]);
  expect(told).toContainEqual([true, ["US"], ["US", "CA"]]);
});

test("keys of one origin share its entry, keys of another have their own", () => {
  const traveler = aPlacedKey({ tek: bytesOf("t"), traveler: true });
  const { accepted } = acceptedRecords(decided({ inserted: [named("a"), named("b"), traveler] }));
  const origins = accepted[0]?.origins ?? [];
  expect(origins).toHaveLength(2);
  for (const key of accepted[0]?.inserted ?? []) {
    const isTraveler = Buffer.from(key.tek ?? []).equals(bytesOf("t"));
    expect(origins[key.origin ?? -1]?.traveler).toBe(isTraveler);
  }
});

test("many outcomes are spread over records, each once and in their order", () => {
  const outcomes = Array.from({ length: 2500 }, (_, index) => ({ ...outcome, inserted: index }));
  const { accepted } = acceptedRecords(decided({ inserted: [named("free")], outcomes }));
  expect(accepted.map((record) => record.outcomes?.length)).toEqual([1000, 1000, 500]);
  expect(accepted.flatMap((record) => record.outcomes ?? [])).toEqual(outcomes);
  expect(accepted.flatMap((record) => record.inserted ?? [])).toHaveLength(1);
});
