import { expect, test } from "vitest";
import { Unavailable } from "../../shared/process/outcomes.js";
import { ViewWatch } from "./view-watch.js";

const away = async (): Promise<never> => {
  throw new Unavailable("away");
};
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("a view that does not answer a ping is away until it answers one", async () => {
  let ping: () => Promise<void> = away;
  const watch = new ViewWatch(() => ping());
  watch.start();
  await turn();
  expect(() => watch.refuseIfAway()).toThrow(Unavailable);
  ping = async () => undefined;
  await new Promise((resolve) => setTimeout(resolve, 1100));
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
