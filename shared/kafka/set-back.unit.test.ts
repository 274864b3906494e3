import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setBackWatch } from "./set-back.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a watch tells once that the clock was set back, and nothing of one that runs or was set forward", () => {
  const wasSetBack = setBackWatch();
  vi.advanceTimersByTime(60_000);
  expect(wasSetBack()).toBe(false);
  vi.setSystemTime(Date.now() + 86_400_000);
  expect(wasSetBack()).toBe(false);
  vi.setSystemTime(Date.now() - 5000);
  expect(wasSetBack()).toBe(true);
  expect(wasSetBack()).toBe(false);
});
