import { expect, test } from "vitest";
import { keysAccepted } from "../topology.js";
import { eventually } from "../../test/river/eventually.js";
import { aView } from "./a-view.test-support.js";
import { Ticks, type PlacedTick } from "./ticks.js";

const ticks = new Ticks(aView());
const { topic } = keysAccepted;
const base = Math.floor(Date.now() / 1000) - 10_000;

const lateSeconds = 0.5;

/** `boundarySeconds` counts from some hours ago: older ticks would go by their age. */
function aTick(boundarySeconds: number, offset: number, partition = 0): PlacedTick {
  const appendedAtSeconds = base + boundarySeconds + lateSeconds;
  return {
    topic,
    partition,
    boundarySeconds: base + boundarySeconds,
    appendedAtSeconds,
    offset,
    partitions: 2,
  };
}

test("ticks are found by their boundaries, each partition and topic for itself", async () => {
  await ticks.ensureIndexes(86_400);
  await ticks.add([
    aTick(2000, 7),
    aTick(1000, 3),
    aTick(5000, 9, 1),
    { ...aTick(9000, 1), topic: "another" },
  ]);
  expect(await ticks.first(topic, 0, 0)).toEqual(aTick(1000, 3));
  expect(await ticks.first(topic, 0, 4)).toEqual(aTick(2000, 7));
  expect(await ticks.first(topic, 0, 8)).toBeUndefined();
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

test("a tick is found by the time at which the broker took it", async () => {
  const at = base + 2000 + lateSeconds;
  expect(await ticks.lastAppendedUntil(topic, 0, at)).toEqual(aTick(2000, 7));
  expect(await ticks.lastAppendedUntil(topic, 0, at - 0.1)).toEqual(aTick(1000, 3));
  expect(await ticks.lastAppendedUntil(topic, 0, base + 1000)).toBeUndefined();
});

test("whoever looks while ticks are added never sees one before those in front of it", async () => {
  const many = Array.from({ length: 3000 }, (_, index) => aTick(3 + index, index, 7));
  const adding = Promise.all([ticks.add(many), ticks.add(many)]);
  for (;;) {
    const last = await ticks.last(topic, 7);
    if (last === undefined) continue;
    if (last.offset === many.length - 1) break;
    const middle = Math.floor((last.boundarySeconds - base) / 2);
    expect(await ticks.firstFrom(topic, 7, base + middle)).toMatchObject({
      boundarySeconds: base + Math.max(3, middle),
    });
  }
  await adding;
  expect(await ticks.last(topic, 7)).toEqual(many.at(-1));
});

test("the first tick for a boundary stays", async () => {
  await ticks.add([aTick(1000, 99)]);
  expect(await ticks.first(topic, 0, 0)).toEqual(aTick(1000, 3));
});

test("the database forgets a tick by the age of its boundary", async () => {
  await ticks.ensureIndexes(86_400);
  await ticks.add([aTick(-86_400, 1, 8), aTick(1000, 2, 8)]);
  await eventually("the old tick to be gone", async () => (await ticks.first(topic, 8, 0))?.offset === 2);
});
