import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Readiness } from "./readiness.js";
import { readinessProbe } from "./readiness-probe.js";

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

test("a part is ready while it answers, and only then", async () => {
  const readiness = new Readiness();
  let isThere = false;
  const ask = async (): Promise<void> => {
    if (!isThere) throw new Error("away");
  };
  const probe = readinessProbe({ readiness, part: "view", ask, pauseMs: 1 });
  expect(readiness.parts).toEqual({ view: false });
  isThere = true;
  await until(() => readiness.ready);
  isThere = false;
  await until(() => !readiness.ready);
  await probe.stop();
});

test("a part that takes too long to answer is not ready until it does", async () => {
  const readiness = new Readiness();
  let answer = (): void => undefined;
  let isSilent = false;
  const ask = (): Promise<void> =>
    isSilent ? new Promise((resolve) => (answer = resolve)) : Promise.resolve();
  const probe = readinessProbe({ readiness, part: "view", ask, pauseMs: 1, answerMsMax: 20 });
  await until(() => readiness.ready);
  isSilent = true;
  await until(() => !readiness.ready);
  isSilent = false;
  answer();
  await until(() => readiness.ready);
  await probe.stop();
});

test("a stop waits for no answer, and one that comes later changes nothing", async () => {
  const readiness = new Readiness();
  let answer = (): void => undefined;
  const probe = readinessProbe({
    readiness,
    part: "view",
    ask: () => new Promise<void>((resolve) => (answer = resolve)),
  });
  await probe.stop();
  answer();
  await sleep(5);
  expect(readiness.parts).toEqual({ view: false });
});
