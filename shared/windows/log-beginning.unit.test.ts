import { expect, test } from "vitest";
import { keysAccepted, keysEmbargoed } from "../topology.js";
import type { PlacedTick } from "../view/ticks.js";
import { tickLookUp, ticksAt } from "./a-tick-log.test-support.js";
import { embargoSecondsMax, windowRanges } from "./window-ranges.js";
import { logBeginning } from "./log-beginning.js";

const first = (ticks: readonly PlacedTick[]) => ({
  first: (topic: string, partition: number, fromOffset: number) =>
    tickLookUp(ticks.filter(({ offset }) => offset >= fromOffset)).firstFrom(topic, partition, 0),
});

/** No tick has left MongoDB yet. */
const now = 86_400;

const starts = (accepted: readonly number[], embargoed = accepted.map(() => 0)) =>
  [
    { topic: keysAccepted.topic, lows: accepted },
    { topic: keysEmbargoed.topic, lows: embargoed },
  ].flatMap(({ topic, lows }) => lows.map((low, partition) => ({ topic, partition, low })));

test("while nothing was deleted a window can start before the first tick", async () => {
  expect(await logBeginning(starts([0, 0]), first(ticksAt(100, [3, 4])), now)).toBe(0);
});

test("a boundary whose ticks may have left MongoDB starts no window, though the log is whole", async () => {
  const [beforeFirst, days] = [first(ticksAt(100, [3, 4])), 86_400];
  expect(await logBeginning(starts([0, 0]), beforeFirst, 30 * days)).toBe(13 * days);
});

const room = 3600;
const held = embargoSecondsMax;

test("after that it starts where every partition that was cut still has a tick, and some time behind it", async () => {
  const ticks = [...ticksAt(100, [10]), ...ticksAt(200, [20, 20])];
  expect(await logBeginning(starts([5, 12]), first(ticks), now)).toBe(200 + room);
  const firstIsCut = [
    ...ticksAt(100, [0, 10]).filter(({ partition }) => partition === 1),
    ...ticksAt(200, [20, 20]),
  ];
  expect(await logBeginning(starts([12, 5]), first(firstIsCut), now)).toBe(200 + room);
  expect(await logBeginning(starts([5, 0]), first(ticks), now)).toBe(100 + room);
});

test("a tick that MongoDB still has, and the log no more, does not count", async () => {
  const ticks = [...ticksAt(100, [3]), ...ticksAt(200, [20])];
  expect(await logBeginning(starts([5]), first(ticks), now)).toBe(200 + room);
  expect(await logBeginning(starts([21]), first(ticks), now)).toBeUndefined();
});

test("a tick that came late counts from then on", async () => {
  expect(await logBeginning(starts([5]), first(ticksAt(100, [10], 5000.5)), now)).toBe(5001 + room);
});

test("of keys.embargoed there must be what may leave in the first window", async () => {
  const ticks = [...ticksAt(100, [10]), ...ticksAt(200, [20, 20])];
  expect(await logBeginning(starts([0, 0], [0, 7]), first(ticks), now)).toBe(200 + room + held);
});

test("a window that starts there finds all its records behind the log's start", async () => {
  const hour = 3600;
  const ticks = Array.from({ length: 60 }, (_, index) => ticksAt((index + 1) * hour, [30 + index])).flat();
  const beginning = (await logBeginning(starts([7], [7]), first(ticks), now)) ?? 0;
  const startSeconds = Math.ceil(beginning / hour) * hour;
  const found = await windowRanges({ startSeconds, endSeconds: startSeconds + hour }, tickLookUp(ticks));
  if (found.kind !== "complete") throw new Error("the window is not complete");
  for (const { startOffset } of found.ranges) expect(startOffset).toBeGreaterThanOrEqual(30);
});

test("it is not known before these ticks were read", async () => {
  expect(await logBeginning(starts([5, 12]), first(ticksAt(100, [10])), now)).toBeUndefined();
});
