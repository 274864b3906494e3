import { randomBytes } from "node:crypto";
import { afterEach, expect, inject, test } from "vitest";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { keysSubmitted } from "../../shared/topology.js";
import { eventually } from "../river/eventually.js";
import { aSubmission, pause } from "./exactly-once-deployment.js";
import { steppedProcess } from "./preloaded.js";
import { aWindowDeployment, type WindowDeployment } from "./window-deployment.js";
import { windowSteps } from "./window-steps.js";

// The same as in windows.stack.test.ts, where it takes time: every step, the real lock, long sleeps, a real release.

const endpoints = inject("endpoints");
const secondsMax = 300;
const intervalSeconds = 600;
let deployment: WindowDeployment;

afterEach(() => deployment.stop());

async function set(options: Parameters<typeof aWindowDeployment>[1]): Promise<void> {
  deployment = await aWindowDeployment(endpoints, options);
}

test("a worker that dies between any two steps leaves a window that comes out once", async () => {
  await set({ recordsPerFileMax: 3 });
  const stepped = steppedProcess();
  const steps = Object.values(windowSteps);
  // The first two steps belong to planning, which is over soon: so they come first.
  const endSeconds = await deployment.windows(steps.length + 6);
  const worker = await deployment.process("export-window", "worker", stepped.env);
  for (const step of [...steps, ...steps.slice(2, 6)]) {
    stepped.order({ ...step, signal: "SIGKILL" });
    await stepped.followed(secondsMax);
    worker.start();
  }
  await deployment.untilPublished(endSeconds, secondsMax);
  expect(await deployment.findings()).toEqual([]);
});

test("a job that stalls for longer than its lock is done by another worker, and once", async () => {
  await set({ settings: { EXPORT_JOB_LOCK: "30s" } });
  const stepped = steppedProcess();
  const endSeconds = await deployment.windows(8);
  stepped.order({ ...windowSteps["before it is marked built"], signal: "SIGSTOP" });
  const frozen = await deployment.process("export-window", "frozen", stepped.env);
  await stepped.followed(secondsMax);
  const other = await deployment.process("export-window", "other");
  await other.ready();
  await deployment.untilPublished(endSeconds, secondsMax);
  await frozen.signal("SIGCONT");
  await eventually("the one that woke to go on", async () => /batch built/.test(deployment.logOf(frozen)));
  await pause(5);
  expect(await deployment.findings()).toEqual([]);
});

test("clocks and workers that sleep for a long time, by turns and together, cost no key", async () => {
  await set({ startedSecondsAgo: 0 });
  const [a, b] = [await deployment.process("clock", "a"), await deployment.process("clock", "b")];
  const one = await deployment.process("export-window", "one");
  const two = await deployment.process("export-window", "two");
  await Promise.all([a, b, one, two].map((process) => process.ready()));
  for (const sleepers of [[a], [a, b], [one], [b, two], [one, two]]) {
    await Promise.all(sleepers.map((process) => process.signal("SIGSTOP")));
    for (let round = 0; round < 20; round++) {
      await deployment.write(9, { releaseSeconds: Math.floor(Date.now() / 1000) + 20 });
      await pause(1);
    }
    await Promise.all(sleepers.map((process) => process.signal("SIGCONT")));
    await pause(4);
  }
  await deployment.untilPublished(Math.ceil(Date.now() / 1000) + 24, secondsMax);
  expect(await deployment.findings()).toEqual([]);
});

test("a key-store that is frozen over the release of a key has it exported once", async () => {
  await set({ startedSecondsAgo: 0, periodSeconds: 4, settings: { TRUNCATE_WINDOW: "1s" } });
  const [, , keyStore] = await Promise.all(
    (["clock", "export-window", "key-store"] as const).map((name) => deployment.process(name, name)),
  );
  await keyStore?.ready();
  const endInterval = Math.floor(Date.now() / 1000 / intervalSeconds) + 1;
  const { connection, framing } = deployment.audit;
  const writer = new StreamWriter(connection, keysSubmitted, framing);
  const submit = async (): Promise<void> => {
    const tek = randomBytes(16);
    const key = { tek, rollingStartIntervalNumber: endInterval - 144, rollingPeriod: 144, daysSinceOnset: 1 };
    await writer.write(0, { ...aSubmission(), keys: [key] });
    deployment.expectKey(tek);
  };
  // One is decided on before its release, the other one is in the log by then and decided on after it.
  await submit();
  await pause(10);
  await keyStore?.signal("SIGSTOP");
  await submit();
  await pause(Math.max(0, endInterval * intervalSeconds - Date.now() / 1000) + 12);
  await keyStore?.signal("SIGCONT");
  await pause(20);
  await writer.stop();
  await deployment.untilPublished(Math.ceil(Date.now() / 1000) + 8, secondsMax);
  expect(await deployment.findings()).toEqual([]);
});
