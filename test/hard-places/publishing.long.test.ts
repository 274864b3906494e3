import { afterEach, expect, inject, test } from "vitest";
import { aFaultProxy, type StoreFault } from "./fault-proxy.js";
import { pause } from "./exactly-once-deployment.js";
import { steppedProcess } from "./preloaded.js";
import { aWindowDeployment, type WindowDeployment } from "./window-deployment.js";
import { windowSteps } from "./window-steps.js";

// The same as in publishing.stack.test.ts, at every step and for longer.

const endpoints = inject("endpoints");
const secondsMax = 300;
let deployment: WindowDeployment;

afterEach(() => deployment.stop());

test.each([
  "before the file is put",
  "before the manifest is put",
  "before the index is put",
  "after the index is put",
  "before the window is told of",
  "before it is marked published",
] as const)("a worker that freezes %s, and wakes when others have gone on, breaks no order", async (name) => {
  deployment = await aWindowDeployment(endpoints, { recordsPerFileMax: 3 });
  const stepped = steppedProcess();
  const endSeconds = await deployment.windows(6);
  stepped.order({ ...windowSteps[name], signal: "SIGSTOP" });
  const frozen = await deployment.process("export-window", "frozen", stepped.env);
  await stepped.followed(secondsMax);
  await deployment.process("export-window", "other");
  await deployment.untilPublished(endSeconds, secondsMax);
  await frozen.signal("SIGCONT");
  await pause(5);
  expect(await deployment.findings()).toEqual([]);
});

test("many workers on an object store that fails all the time, killed by turns, miss no file", async () => {
  const faults: readonly StoreFault[] = [
    "refuse",
    "lose answer",
    "cut answer",
    "cut request",
    { answerAfterMs: 2500 },
  ];
  let requests = 0;
  const proxy = await aFaultProxy(endpoints.objectStore.url, () => {
    requests += 1;
    return requests % 3 === 0 ? faults[(requests / 3) % faults.length] : undefined;
  });
  deployment = await aWindowDeployment(endpoints, {
    recordsPerFileMax: 4,
    workerStoreUrl: proxy.url,
    settings: { EXPORT_WORKERS: "4" },
  });
  const endSeconds = await deployment.windows(30);
  const workers = [
    await deployment.process("export-window", "one"),
    await deployment.process("export-window", "two"),
  ];
  for (let round = 0; round < 6; round++) {
    await pause(4 + round / 3);
    await workers[round % 2]?.signal("SIGKILL");
    workers[round % 2]?.start();
  }
  await deployment.untilPublished(endSeconds, secondsMax);
  const findings = await deployment.findings();
  proxy.stop();
  expect(findings).toEqual([]);
});
