import { expect, test } from "vitest";
import type { RevisionKeyRecord } from "./deployment.js";
import { dueRotation } from "./revision-key-rotation.js";

const day = 86_400;
const now = 1000 * day;
const rule = { newKeySeconds: 7 * day, deleteOldKeySeconds: 15 * day };

function keysOfAges(...ages: readonly number[]): RevisionKeyRecord[] {
  return ages.map((age, index) => ({
    id: String(index + 1),
    createdAtSeconds: now - age,
    wrappedKey: Buffer.alloc(1),
    retired: false,
  }));
}

test.each<[string, readonly number[], boolean, readonly string[]]>([
  ["no key at all", [], true, []],
  ["a fresh key", [1], false, []],
  ["a key just below seven days", [7 * day - 1], false, []],
  ["a key of seven days", [7 * day], true, []],
  ["the only key, however old", [400 * day], true, []],
  ["an old key whose follower is just below fifteen days", [22 * day, 15 * day - 1], true, []],
  ["an old key whose follower is fifteen days old", [22 * day, 15 * day, 3 * day], false, ["1"]],
  ["several such keys", [40 * day, 30 * day, 20 * day, 1], false, ["1", "2"]],
  ["keys in another order", [1, 15 * day, 22 * day], false, ["3"]],
])("%s: a new one is due: %j", (_what, ages, create, retire) => {
  const due = dueRotation(keysOfAges(...ages), now, rule);
  expect({ create: due.create, retire: due.retire.map(({ id }) => id) }).toEqual({ create, retire });
});

test("retired keys count for nothing", () => {
  const [retired, fresh] = keysOfAges(1, 8 * day);
  if (retired === undefined || fresh === undefined) throw new Error("two keys");
  expect(dueRotation([{ ...retired, retired: true }, fresh], now, rule)).toEqual({
    create: true,
    retire: [],
  });
});
