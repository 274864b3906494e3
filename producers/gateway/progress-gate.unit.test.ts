import { expect, test } from "vitest";
import { Unavailable } from "../../shared/process/outcomes.js";
import { ProgressGate } from "./progress-gate.js";

test("a request passes at once when the view has passed its token's offset", async () => {
  let reads = 0;
  const gate = new ProgressGate(() => Promise.resolve(new Map([[0, ++reads * 10]])), 50);
  await gate.pass({ partition: 0, offset: 9 });
  await gate.pass({ partition: 0, offset: 3 });
  expect(reads).toBe(1);
});

test("an offset is passed only when the view's next one is behind it", async () => {
  let next = 7;
  const gate = new ProgressGate(() => Promise.resolve(new Map([[0, next++]])), 50);
  await gate.pass({ partition: 0, offset: 7 });
  expect(next).toBe(9);
});

test("a request waits while the view lags, and all that wait share one look", async () => {
  let reads = 0;
  const gate = new ProgressGate(() => Promise.resolve(new Map([[2, ++reads]])), 50);
  await Promise.all(Array.from({ length: 50 }, () => gate.pass({ partition: 2, offset: 4 })));
  expect(reads).toBe(5);
});

test("a request is refused for now when the view lags too long", async () => {
  const gate = new ProgressGate(() => Promise.resolve(new Map([[0, 100]])), 0.1);
  await expect(gate.pass({ partition: 1, offset: 0 })).rejects.toBeInstanceOf(Unavailable);
});

test("a view that is away is told as such, and asked anew by the next request", async () => {
  let isAway = true;
  const read = (): Promise<ReadonlyMap<number, number>> =>
    isAway ? Promise.reject(new Unavailable("away")) : Promise.resolve(new Map([[0, 1]]));
  const gate = new ProgressGate(read, 50);
  await expect(gate.pass({ partition: 0, offset: 0 })).rejects.toBeInstanceOf(Unavailable);
  isAway = false;
  await gate.pass({ partition: 0, offset: 0 });
});
