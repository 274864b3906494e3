import { createSecretKey, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { tekId } from "../keys/admission.js";
import { aPlacedKey, bytesOf } from "../records/a-placed-key.test-support.js";
import type { PlacedKey } from "../records/placed-key.js";
import { aView } from "./a-view.test-support.js";
import { KeyMemory } from "./key-memory.js";

const view = aView();
const day = 86_400;
const rule = {
  keysRetentionSeconds: 14 * day,
  keyAgeSecondsMax: 15 * day,
  truncateWindowSeconds: 3600,
  releaseStillValidKeys: false,
};
const hashKey = createSecretKey(randomBytes(32));
const memory = new KeyMemory(view, hashKey, rule);
const endSeconds = Math.floor(Date.now() / 1000 / day) * day;
/** When the document of a key that was published at its end is gone. */
const laterSeconds = endSeconds + 14 * day;

function aKey(name: string, createdAtSeconds: number, offset = 1): PlacedKey {
  return aPlacedKey({
    tek: bytesOf(name),
    rollingStartIntervalNumber: endSeconds / 600 - 144,
    rollingPeriod: 144,
    createdAtSeconds,
    insertedAt: { partition: 2, offset },
  });
}

test("a key that outlives its document is found by whoever has the hash key, with its first record", async () => {
  const key = aKey("last", endSeconds);
  await memory.remember([key, aKey("early", endSeconds + 3 * day)]);
  await memory.remember([aKey("last", endSeconds, 9), aKey("other", endSeconds, 9)]);
  const wanted = [key, aKey("early", 0), aKey("other", 0), aKey("nobody's", 0)];
  expect(await memory.find(wanted, laterSeconds)).toEqual(
    new Map([
      [tekId(key.tek), { partition: 2, offset: 1 }],
      [tekId(bytesOf("other")), { partition: 2, offset: 9 }],
    ]),
  );
  const stranger = new KeyMemory(view, createSecretKey(randomBytes(32)), rule);
  expect(await stranger.find(wanted, laterSeconds)).toEqual(new Map());
});

test("nothing is asked about keys whose documents are still there", async () => {
  await memory.remember([aKey("young", endSeconds)]);
  expect(await memory.find([aKey("young", endSeconds)], endSeconds + 10 * day)).toEqual(new Map());
});

test("the database forgets a key when it is too old to be taken", async () => {
  await memory.ensureIndexes();
  const old = aPlacedKey({
    tek: bytesOf("forgotten"),
    rollingStartIntervalNumber: (endSeconds - 16 * day) / 600 - 144,
    rollingPeriod: 144,
    createdAtSeconds: endSeconds - 16 * day,
  });
  await memory.remember([old, aKey("kept", endSeconds)]);
  while ((await memory.find([old], laterSeconds)).size > 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await memory.find([aKey("kept", 0)], laterSeconds)).size).toBe(1);
});
