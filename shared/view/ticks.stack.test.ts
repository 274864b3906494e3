import { expect, test } from "vitest";
import { keysAccepted } from "../topology.js";
import { aView } from "./a-view.test-support.js";
import { Ticks, type PlacedTick } from "./ticks.js";

const ticks = new Ticks(aView());
const { topic } = keysAccepted;
const base = Math.floor(Date.now() / 1000) - 10_000;

/** `boundarySeconds` counts from some hours ago: older ticks would go by their age. */
function aTick(boundarySeconds: number, offset: number, partition = 0): PlacedTick {
  return { topic, partition, boundarySeconds: base + boundarySeconds, offset, partitions: 2 };
}

test("ticks are found by their boundaries, each partition and topic for itself", async () => {
  await ticks.ensureIndexes(86_400);
  await ticks.add([
    aTick(2000, 7),
    aTick(1000, 3),
    aTick(5000, 9, 1),
    { ...aTick(9000, 1), topic: "another" },
  ]);
  expect(await ticks.first(topic, 0)).toEqual(aTick(1000, 3));
  expect(await ticks.last(topic, 0)).toEqual(aTick(2000, 7));
  expect(await ticks.last(topic, 1)).toEqual(aTick(5000, 9, 1));
  expect(await ticks.last(topic, 2)).toBeUndefined();
});

test("a boundary without a tick has the next one from it on, and the last one until it", async () => {
  expect(await ticks.firstFrom(topic, 0, base + 1000)).toEqual(aTick(1000, 3));
  expect(await ticks.firstFrom(topic, 0, base + 1001)).toEqual(aTick(2000, 7));
  expect(await ticks.firstFrom(topic, 0, base + 2001)).toBeUndefined();
  expect(await ticks.lastUntil(topic, 0, base + 2000)).toEqual(aTick(2000, 7));
  expect(await ticks.lastUntil(topic, 0, base + 1999)).toEqual(aTick(1000, 3));
  expect(await ticks.lastUntil(topic, 0, base + 999)).toBeUndefined();
});

test("the first tick for a boundary stays", async () => {
  await ticks.add([aTick(1000, 99)]);
  expect(await ticks.first(topic, 0)).toEqual(aTick(1000, 3));
});
