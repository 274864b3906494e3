import { expect, test } from "vitest";
import { Ticker } from "./ticker.js";

const hour = 3600;
const start = 1_700_000_000 - (1_700_000_000 % hour);

/** Runs a clock whose time is that of `times`, one after the other, and gives the boundaries that it writes. */
async function ticksOf(times: readonly number[], periodSeconds = hour): Promise<number[]> {
  const written: number[] = [];
  const left = [...times];
  let now = times[0] ?? 0;
  const ticker = new Ticker({
    nowSeconds: () => (now = left.shift() ?? now),
    periods: () => [periodSeconds],
    writeTick: async (boundarySeconds) => void written.push(boundarySeconds),
    events: { tickWritten: () => undefined, tickFailed: () => undefined },
  });
  ticker.start();
  while (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await ticker.stop();
  return written;
}

test("each boundary is written once", async () => {
  // The time is asked for when it looks, and again when it has written.
  expect(await ticksOf([start + 1, start + 2, start + hour, start + hour + 1])).toEqual([
    start,
    start + hour,
  ]);
});

test("a clock that slept over boundaries writes only the last of them", async () => {
  const later = start + 5 * hour + 7;
  expect(await ticksOf([start + 1, start + 2, later, later])).toEqual([start, start + 5 * hour]);
});

test("a clock that had jumped ahead goes on at the right time when it is set back", async () => {
  const ahead = start + 48 * hour;
  const back = start + hour;
  const written = await ticksOf([start, start, ahead, ahead, back, back, back + hour, back + hour]);
  expect(written).toEqual([start, ahead, back, back + hour]);
});

test("a clock that jumps ahead by years writes one tick", async () => {
  const ahead = start + 20 * 365 * 24 * hour;
  expect(await ticksOf([start, start, ahead, ahead, ahead + 1], 1)).toEqual([start, ahead, ahead + 1]);
});
