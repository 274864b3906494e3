import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Unavailable } from "../../shared/process/outcomes.js";
import { ViewWatch } from "./view-watch.js";

const away = async (): Promise<never> => {
  throw new Unavailable("away");
};
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a view that does not answer a ping is away until it answers one", async () => {
  let ping: () => Promise<void> = away;
  const watch = new ViewWatch(() => ping());
  watch.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(() => watch.refuseIfAway()).toThrow(Unavailable);
  ping = async () => undefined;
  await vi.advanceTimersByTimeAsync(1000);
  expect(() => watch.refuseIfAway()).not.toThrow();
  await watch.stop();
});

test("an operation that finds the view away tells the others", async () => {
  const watch = new ViewWatch(async () => undefined);
  await expect(watch.watched(away)).rejects.toThrow(Unavailable);
  expect(() => watch.refuseIfAway()).toThrow(Unavailable);
});

test("a fault is no outage", async () => {
  const watch = new ViewWatch(async () => undefined);
  const fault = async (): Promise<never> => {
    throw new TypeError("a fault");
  };
  await expect(watch.watched(fault)).rejects.toThrow(TypeError);
  expect(() => watch.refuseIfAway()).not.toThrow();
});
