import { describe, expect, test } from "vitest";
import { tekId } from "../keys/admission.js";
import { aPlacedKey, bytesOf } from "../records/a-placed-key.test-support.js";
import type { PlacedKey, PlacedRevision } from "../records/placed-key.js";
import { aView } from "./a-view.test-support.js";
import { KeyDocuments } from "./key-documents.js";

const view = aView();
const documents = new KeyDocuments(view);

function aRevision(offset: number, changes: Partial<PlacedRevision> = {}): PlacedRevision {
  return {
    reportType: "negative",
    transmissionRisk: 6,
    revisedAtSeconds: 1_795_471_200,
    revisedBy: bytesOf(`revision ${offset}`),
    revisedAt: { partition: 1, offset },
    ...changes,
  };
}

async function found(name: string): Promise<PlacedKey | undefined> {
  return (await documents.find([bytesOf(name)])).get(tekId(bytesOf(name)));
}

describe("a key", () => {
  const { daysSinceOnset: _days, healthAuthorityId: _id, ...bare } = aPlacedKey({ tek: bytesOf("bare") });
  test.each<[string, PlacedKey]>([
    [
      "with every value",
      aPlacedKey({ tek: bytesOf("whole"), daysSinceOnset: 0, traveler: true, regions: ["US", "CA"] }),
    ],
    ["without onset and health authority", bare],
    ["that is embargoed", aPlacedKey({ tek: bytesOf("held"), releaseSeconds: 1_795_467_600 })],
    ["of another source", aPlacedKey({ tek: bytesOf("imported"), provenance: "imported" })],
    [
      "whose revision has added a region",
      aPlacedKey({ tek: bytesOf("moved"), revision: aRevision(8, { regions: ["US", "CA"] }) }),
    ],
    [
      "that is revised already",
      aPlacedKey({ tek: bytesOf("revised"), revision: aRevision(3, { daysSinceOnset: -1 }) }),
    ],
  ])("%s comes back as it was stored", async (_what, key) => {
    expect(await documents.insertNew([key])).toEqual([]);
    expect((await documents.find([key.tek])).get(tekId(key.tek))).toEqual(key);
  });

  test("that nobody stored is not found", async () => {
    expect(await documents.find([bytesOf("nobody's")])).toEqual(new Map());
    expect(await documents.find([])).toEqual(new Map());
  });
});

test("the first writer of a TEK stays, and the others are told", async () => {
  const first = aPlacedKey({ tek: bytesOf("first"), insertedAt: { partition: 0, offset: 1 } });
  const late = { ...first, insertedAt: { partition: 2, offset: 9 }, transmissionRisk: 7 };
  const other = aPlacedKey({ tek: bytesOf("other") });
  expect(await documents.insertNew([first])).toEqual([]);
  expect(await documents.insertNew([late, other])).toEqual([late]);
  expect(await found("first")).toEqual(first);
  expect(await found("other")).toEqual(other);
});

test("of many who insert one TEK at once exactly one wins", async () => {
  const racers = Array.from({ length: 10 }, (_, offset) =>
    aPlacedKey({ tek: bytesOf("raced"), insertedAt: { partition: 0, offset } }),
  );
  const lost = await Promise.all(racers.map((racer) => documents.insertNew([racer])));
  expect(lost.flat()).toHaveLength(9);
  expect(lost.flat()).not.toContainEqual(await found("raced"));
});

describe("a revision", () => {
  test("is written once; who comes later is told, who comes again is not", async () => {
    const key = aPlacedKey({ tek: bytesOf("once") });
    await documents.insertNew([key]);
    const mine = { ...key, revision: aRevision(4) };
    const theirs = { ...key, revision: aRevision(5) };
    expect(await documents.revise([mine])).toEqual([]);
    expect(await documents.revise([theirs])).toEqual([theirs]);
    expect(await documents.revise([mine])).toEqual([]);
    expect(await found("once")).toEqual(mine);
  });

  test("leaves the first values as they are", async () => {
    const key = aPlacedKey({ tek: bytesOf("kept"), transmissionRisk: 3 });
    await documents.insertNew([key]);
    await documents.revise([{ ...key, transmissionRisk: 8, revision: aRevision(6) }]);
    expect(await found("kept")).toMatchObject({ transmissionRisk: 3, revision: { transmissionRisk: 6 } });
  });

  test("of a key that is not stored is told as lost", async () => {
    const key = aPlacedKey({ tek: bytesOf("vanished"), revision: aRevision(7) });
    expect(await documents.revise([key])).toEqual([key]);
  });
});

test("documents go by their time of creation, and a changed time is taken over", async () => {
  const secondsOf = async (): Promise<unknown> =>
    (await view.db.collection("keys").listIndexes().toArray()).find(
      ({ key }) => "createdAt" in (key as object),
    )?.expireAfterSeconds;
  await documents.ensureIndexes(1_209_600);
  expect(await secondsOf()).toBe(1_209_600);
  await documents.ensureIndexes(3600);
  await documents.ensureIndexes(3600);
  expect(await secondsOf()).toBe(3600);
});
