import { createSecretKey } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ExportKey } from "./export-key.js";
import { cloneCount, padKeys, type PaddingInput } from "./pad-keys.js";
import type { PackedKeys } from "./packed-keys.js";
import { aKey, arbitraryKey, packed, readVector } from "./vectors.test-support.js";

const input: PaddingInput = {
  padding: { recordsMin: 1000, recordsRange: 0 },
  secret: createSecretKey(Buffer.alloc(32, 1)),
  configurationId: "us",
  window: { startSeconds: 0, endSeconds: 3600 },
  recordsMax: 500_000,
};

describe("the result is the reference server's", () => {
  const schema = z.object({
    rows: z.array(
      z.object({
        Source: z.number(),
        Min: z.number(),
        Jitter: z.number(),
        Max: z.number(),
        Result: z.number(),
      }),
    ),
  });
  const { rows } = schema.parse(JSON.parse(readVector("padding-sizes.json").toString()));
  // The reference server adds whole rounds of clones, so that its result is a multiple of the real count; ours is the
  // target exactly.
  const listedDifferences = new Map([
    [300, 1000],
    [400, 1000],
    [999, 1000],
    [7, 20],
  ]);
  test.each(rows)("$Source keys, at least $Min, at most $Max", ({ Source, Min, Jitter, Max, Result }) => {
    const added = cloneCount(Source, 0, { recordsMin: Min, draw: Jitter, recordsMax: Max });
    expect(Source + added).toBe(listedDifferences.get(Source) ?? Result);
  });
  test("every listed difference is one", () => {
    for (const [source, ours] of listedDifferences)
      expect(rows.find(({ Source }) => Source === source)?.Result).not.toBe(ours);
  });
});

describe("how many clones a window gets", () => {
  test.each<[string, number, number, number, number]>([
    ["no keys get none", 0, 0, 500, 0],
    ["revised keys alone get none", 0, 5, 500, 0],
    ["as many keys as the minimum get none", 100, 0, 500, 0],
    ["fewer are filled up to the minimum and the draw", 99, 0, 500, 6],
    ["a file with revised keys, too, is never larger than files may be", 20, 30, 100, 50],
    ["only the last of several files counts", 70, 0, 50, 30],
    ["a last file without keys gets none", 50, 10, 50, 0],
    ["a last file with keys and revised keys is filled up", 60, 15, 50, 25],
  ])("%s", (_what, keyCount, revisedKeyCount, recordsMax, added) => {
    expect(cloneCount(keyCount, revisedKeyCount, { recordsMax, recordsMin: 100, draw: 5 })).toBe(added);
  });

  test("padding adds no file, and fills none beyond its limit", () => {
    const number = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(
        number,
        number,
        fc.integer({ min: 1, max: 50 }),
        number,
        (keys, revised, recordsMax, min) => {
          const added = cloneCount(keys, revised, { recordsMax, recordsMin: min, draw: 3 });
          expect(added).toBeGreaterThanOrEqual(0);
          const files = (count: number): number => Math.ceil(count / recordsMax);
          expect(files(keys + revised + added)).toBe(files(keys + revised));
        },
      ),
    );
  });
});

describe("the draw", () => {
  const padded = (changes: Partial<PaddingInput>): number =>
    pad([aKey(1)], { padding: { recordsMin: 10, recordsRange: 3 }, ...changes }).count;

  test("is the same for the same configuration and window", () => {
    expect(padded({})).toBe(padded({}));
  });

  test("takes every value from 0 to the range, both included", () => {
    const counts = Array.from({ length: 100 }, (_, end) =>
      padded({ window: { startSeconds: 0, endSeconds: end } }),
    );
    expect(new Set(counts)).toEqual(new Set([10, 11, 12, 13]));
  });

  test.each<[string, (other: number) => Partial<PaddingInput>]>([
    ["configuration", (other) => ({ configurationId: `c${other}` })],
    ["start of the window", (other) => ({ window: { startSeconds: -other, endSeconds: 3600 } })],
    ["end of the window", (other) => ({ window: { startSeconds: 0, endSeconds: 3600 + other } })],
    ["secret", (other) => ({ secret: createSecretKey(Buffer.alloc(32, other)) })],
  ])("depends on the %s", (_what, changes) => {
    const counts = Array.from({ length: 30 }, (_, other) => padded(changes(other)));
    expect(new Set(counts).size).toBeGreaterThan(1);
  });
});

test("clones are like real keys in all but the TEK", () => {
  const keys = fc.uniqueArray(arbitraryKey(), {
    minLength: 1,
    maxLength: 5,
    selector: ({ tek }) => hex(tek),
  });
  fc.assert(
    fc.property(keys, (someKeys) => {
      const all = pad(someKeys, { padding: { recordsMin: 20, recordsRange: 0 } });
      expect(all.count).toBe(20);
      expect(new Set(teksOf(all)).size).toBe(20);
      const real = new Set(withoutTeks(packed(someKeys)));
      for (const key of withoutTeks(all)) expect(real).toContain(key);
    }),
    { numRuns: 30 },
  );
});

test("clones do not depend on the order of the keys", () => {
  const keys = Array.from({ length: 20 }, (_, number) => aKey(number, { transmissionRisk: number % 8 }));
  const bytes = (someKeys: readonly ExportKey[]): Buffer => {
    const all = pad(someKeys, {});
    all.sort();
    return bytesOf(all);
  };
  expect(bytes(keys.toReversed())).toEqual(bytes(keys));
});

test("overlapping exports take the same clones of each key, as far as both need so many", () => {
  const day = Array.from({ length: 300 }, (_, number) => aKey(number));
  const hour = day.slice(0, 40);
  const clonesIn = (keys: readonly ExportKey[], configurationId: string): Set<string> => {
    const real = new Set(keys.map(({ tek }) => hex(tek)));
    return new Set(teksOf(pad(keys, { configurationId })).filter((tek) => !real.has(tek)));
  };
  const [ofHour, ofDay] = [clonesIn(hour, "hourly"), clonesIn(day, "daily")];
  // 700 clones of 300 keys, and 960 of 40: the daily export's clones of these 40 are about 93.
  const shared = [...ofDay].filter((tek) => ofHour.has(tek));
  expect(shared.length).toBeGreaterThan(50);
  // Every clone that the daily export has of these keys is one of the hourly export's: none of the keys that both
  // exports hold can be told apart by being in one of them alone.
  const largest = pad(hour, { padding: { recordsMin: 40 + 20_000, recordsRange: 0 } });
  const anyOfHour = new Set(teksOf(largest));
  expect([...ofDay].filter((tek) => anyOfHour.has(tek) && !ofHour.has(tek))).toEqual([]);
});

test("some keys have many clones and others few", () => {
  const keys = Array.from({ length: 50 }, (_, number) =>
    aKey(number, { rollingStartIntervalNumber: number + 1 }),
  );
  const counts = new Map<string, number>();
  for (const key of withoutTeks(pad(keys, {}))) counts.set(key, (counts.get(key) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => a - b);
  // 19 on average: rounds would give 19 or 20 of each.
  expect(sorted[0]).toBeLessThan(16);
  expect(sorted.at(-1)).toBeGreaterThan(24);
});

test("a clone that somebody has published is passed over for the next one", () => {
  const first = teksOf(pad([aKey(1)], { padding: { recordsMin: 5, recordsRange: 0 } }));
  for (const tek of first.slice(1)) {
    const published = aKey(2, { tek: Buffer.from(tek, "hex") });
    const again = teksOf(pad([aKey(1), published], { padding: { recordsMin: 40, recordsRange: 0 } }));
    expect(new Set(again).size).toBe(40);
  }
});

test("a clone is no revised key either", () => {
  const [, clone = ""] = teksOf(pad([aKey(1)], {}));
  const keys = packed([aKey(1)]);
  padKeys(keys, packed([aKey(2, { tek: Buffer.from(clone, "hex") })]), input);
  expect(teksOf(keys)).not.toContain(clone);
});

test("another deployment makes other clones", () => {
  const theirs = teksOf(pad([aKey(1)], { secret: createSecretKey(Buffer.alloc(32, 2)) }));
  const shared = teksOf(pad([aKey(1)], {})).filter((tek) => theirs.includes(tek));
  expect(shared).toEqual([hex(aKey(1).tek)]);
});

/** Calculated with another implementation of HMAC-SHA256. */
test("a key's clones never change", () => {
  const [, ...clones] = teksOf(pad([aKey(1)], { padding: { recordsMin: 3, recordsRange: 0 } }));
  expect(clones).toEqual(["484e80e050534664538deb7adf6af2b1", "2c797b3e081db3cf2cd143d8d82db145"]);
});

function pad(keys: readonly ExportKey[], changes: Partial<PaddingInput>): PackedKeys {
  const all = packed(keys);
  padKeys(all, packed([]), { ...input, ...changes });
  return all;
}

function teksOf(all: PackedKeys): string[] {
  return Array.from({ length: all.count }, (_, index) => all.tekAt(index).toString("hex"));
}

/** Each key's bytes behind its TEK. */
function withoutTeks(all: PackedKeys): string[] {
  return Array.from({ length: all.count }, (_, index) => {
    const out = Buffer.alloc(80);
    return out.subarray(20, all.copyTo(out, 0, 7, index, index + 1)).toString("hex");
  });
}

function bytesOf(all: PackedKeys): Buffer {
  const out = Buffer.alloc(all.count * 80);
  return out.subarray(0, all.copyTo(out, 0, 7, 0, all.count));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
