import { expect, test } from "vitest";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import type { PlacedTick } from "../../shared/view/ticks.js";
import { tickLookUp, ticksAt } from "../../shared/windows/a-tick-log.test-support.js";
import { logBeginning } from "./log-beginning.js";

const first = (ticks: readonly PlacedTick[]) => ({
  first: (topic: string, partition: number) => tickLookUp(ticks).firstFrom(topic, partition, 0),
});

const starts = (accepted: readonly number[], embargoed = accepted.map(() => 0)) =>
  [
    { topic: keysAccepted.topic, lows: accepted },
    { topic: keysEmbargoed.topic, lows: embargoed },
  ].flatMap(({ topic, lows }) => lows.map((low, partition) => ({ topic, partition, low })));

test("while nothing was deleted a window can start before the first tick", async () => {
  expect(await logBeginning(starts([0, 0]), first(ticksAt(100, [3, 4])))).toBe(0);
});

test("after that it starts where every partition that was cut still has a tick", async () => {
  const ticks = [...ticksAt(100, [10]), ...ticksAt(200, [20, 20])];
  expect(await logBeginning(starts([5, 12]), first(ticks))).toBe(200);
  const firstIsCut = [
    ...ticksAt(100, [0, 10]).filter(({ partition }) => partition === 1),
    ...ticksAt(200, [20, 20]),
  ];
  expect(await logBeginning(starts([12, 5]), first(firstIsCut))).toBe(200);
  expect(await logBeginning(starts([5, 0]), first(ticks))).toBe(100);
  expect(await logBeginning(starts([0, 0], [0, 7]), first(ticks))).toBe(200);
});

test("it is not known before these ticks were read", async () => {
  expect(await logBeginning(starts([5, 12]), first(ticksAt(100, [10])))).toBeUndefined();
});
