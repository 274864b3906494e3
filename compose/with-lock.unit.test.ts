import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { withLock } from "./with-lock.js";

test("one holder at a time, and a holder that throws gives the lock back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lock-"));
  const lock = join(folder, "a.lock");
  let holders = 0;
  let most = 0;
  const hold = async (): Promise<void> => {
    holders += 1;
    most = Math.max(most, holders);
    await sleep(20);
    holders -= 1;
    throw new Error("thrown inside");
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => withLock(lock, hold)));
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(most).toBe(1);
  await rm(folder, { recursive: true });
});

test("a holder killed by SIGKILL gives the lock back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lock-"));
  const lock = join(folder, "a.lock");
  // Stands for a launcher: it holds the lock through a pipe that only it has open.
  const script =
    "const { spawn } = require('node:child_process');" +
    "const holder = spawn('flock', [process.argv[1], 'sh', '-c', 'echo held; exec cat'], {stdio: ['pipe', 'inherit', 'inherit']});" +
    "setInterval(() => holder.pid, 1000);";
  const launcher = spawn(process.execPath, ["-e", script, lock], { stdio: ["ignore", "pipe", "inherit"] });
  await once(launcher.stdout, "data");
  let entered = false;
  const waiting = withLock(lock, async () => void (entered = true));
  await sleep(100);
  expect(entered).toBe(false);
  launcher.kill("SIGKILL");
  await waiting;
  expect(entered).toBe(true);
  await rm(folder, { recursive: true });
});
