import { expect, test } from "vitest";
import { punctual } from "./punctual.js";

test("a pause does not end before its time while none was late", async () => {
  const startedAtMs = performance.now();
  await punctual(() => performance.now())(5.5);
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(5.5);
});

test("what pauses were late is taken off later ones, so that they are on time on average", async () => {
  let nowMs = 0;
  const lateTimer = async (lengthMs: number): Promise<void> => void (nowMs += lengthMs + 6);
  const pause = punctual(() => nowMs, lateTimer);
  const errors: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    const startedAtMs = nowMs;
    const lengthMs = 20 + (count % 7);
    await pause(lengthMs);
    errors.push(nowMs - startedAtMs - lengthMs);
  }
  const settled = errors.slice(100);
  expect(errors[0]).toBeGreaterThanOrEqual(5);
  expect(Math.abs(settled.reduce((sum, error) => sum + error, 0) / settled.length)).toBeLessThan(1);
});

test("a single long stall makes the next pause no earlier than half a millisecond", async () => {
  let nowMs = 0;
  let stallMs = 0;
  const pause = punctual(
    () => (nowMs += 0.001),
    async (lengthMs) => void (nowMs += lengthMs + stallMs),
  );
  const lengths: number[] = [];
  for (const stall of [0, 500, 0]) {
    stallMs = stall;
    const startedAtMs = nowMs;
    await pause(20);
    lengths.push(nowMs - startedAtMs);
  }
  expect(lengths[2]).toBeGreaterThanOrEqual(19);
});
