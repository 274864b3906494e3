import { describe, expect, test } from "vitest";
import { aPlacedKey, bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { differences, type KeyDifference } from "../../shared/view/compare-keys.js";
import { toDocument, type KeyDocument } from "../../shared/view/key-document.js";
import { judge, type Verdict } from "./compare-store.js";

const key = aPlacedKey({ insertedAt: { partition: 0, offset: 10 } });
const revision = {
  reportType: "negative" as const,
  transmissionRisk: 6,
  revisedAtSeconds: key.createdAtSeconds,
  revisedBy: bytesOf("revision"),
  revisedAt: { partition: 0, offset: 21 },
};

async function* documents(keys: readonly PlacedKey[]): AsyncGenerator<KeyDocument> {
  for (const document of keys
    .map(toDocument)
    .toSorted((a, b) => (a._id.toString("hex") < b._id.toString("hex") ? -1 : 1)))
    yield await Promise.resolve(document);
}

async function compared(
  live: readonly PlacedKey[],
  replayed: readonly PlacedKey[],
): Promise<{ same: number; found: KeyDifference[] }> {
  let same = 0;
  const found: KeyDifference[] = [];
  for await (const difference of differences(documents(live), documents(replayed), () => same++))
    found.push(difference);
  return { same, found };
}

describe("two collections", () => {
  const named = (name: string): PlacedKey => aPlacedKey({ tek: bytesOf(name) });
  test.each([
    [[], [], 0, 0],
    [["a", "b", "c"], ["a", "b", "c"], 3, 0],
    [["a", "b", "c"], ["b"], 1, 2],
    [["c"], ["a", "b", "c", "d"], 1, 3],
    [[], ["a", "b"], 0, 2],
    [["a", "b"], [], 0, 2],
    [["a", "c"], ["b", "d"], 0, 4],
  ])("%j and %j have %i alike and %i not", async (live, replayed, same, different) => {
    const result = await compared(live.map(named), replayed.map(named));
    expect(result.same).toBe(same);
    expect(result.found).toHaveLength(different);
  });

  test("differ in named fields", async () => {
    const { found } = await compared([key], [{ ...key, revision, traveler: true }]);
    expect(found.map(({ fields }) => fields)).toEqual([["traveler", "revision"]]);
  });
});

const keptFromSeconds = key.createdAtSeconds - 1000;
const to = { decided: new Map([[0, 20]]), keptFromSeconds };
const late = { ...key, insertedAt: { partition: 0, offset: 21 } };
const old = { ...key, createdAtSeconds: keptFromSeconds + 60 };

test.each<[string, PlacedKey | undefined, PlacedKey | undefined, Verdict]>([
  ["in the log alone is missing", undefined, key, "missing"],
  ["in use alone is extra", key, undefined, "extra"],
  ["decided after the log was read is on its way", late, undefined, "passing"],
  [
    "of a partition of which nothing was read is on its way",
    { ...key, insertedAt: { partition: 5, offset: 0 } },
    undefined,
    "passing",
  ],
  ["whose time is just over may be in one alone", undefined, old, "passing"],
  ["whose time is just over may still be there", old, undefined, "passing"],
  ["with another value is changed", { ...key, transmissionRisk: 7 }, key, "changed"],
  ["revised after the log was read is on its way", { ...key, revision }, key, "passing"],
  [
    "revised before that is changed",
    { ...key, revision: { ...revision, revisedAt: { partition: 0, offset: 20 } } },
    key,
    "changed",
  ],
  ["with a lost revision is changed", key, { ...key, revision }, "changed"],
  [
    "with another value is changed, though it was just revised",
    { ...key, revision, transmissionRisk: 7 },
    key,
    "changed",
  ],
])("a key %s", async (_what, live, replayed, verdict) => {
  const { found } = await compared(live ? [live] : [], replayed ? [replayed] : []);
  expect(found.map((difference) => judge(difference, to))).toEqual([verdict]);
});
