import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";

import { closeStack, openStack } from "./stack.js";
import type { Stack } from "./stack.js";
import { markedProcesses } from "./shut-down.js";
import { updateStackState } from "./stack-state.js";

// A stack of its own beside whatever else runs. The tests build on one another, in order.
const options = { name: "compose-test", env: process.env, partsOnly: true, ttlMonitorSleepSeconds: 1 };
let stack: Stack;

beforeAll(async () => {
  await closeStack({ ...options, purge: true });
  stack = await openStack(options);
});

afterAll(() => closeStack({ ...options, purge: true }));

test("all parts are healthy and their addresses are on disk", async () => {
  const statuses = await stack.status();
  expect(statuses.map(({ part, state }) => [part, state])).toEqual([
    ["kafka-1", "healthy"],
    ["registry", "healthy"],
    ["mongodb", "healthy"],
    ["redis", "healthy"],
    ["object-store", "healthy"],
  ]);
  const written = await readFile(join(stack.directory, "endpoints.json"), "utf8");
  expect(JSON.parse(written)).toEqual(stack.endpoints);
});

test("a second up changes nothing", async () => {
  const before = await pids(stack);
  const again = await openStack(options);
  expect(await pids(again)).toEqual(before);
  expect(again.endpoints).toEqual(stack.endpoints);
});

test("up starts again just the part that was killed, and it still has its data", async () => {
  await redisCommand((redis) => redis.set("kept", "yes"));
  // Redis syncs its log once a second; only a crash of the machine could lose what was written before that.
  const before = await pids(stack);
  await stack.part("redis").kill();
  expect((await stack.status()).find(({ part }) => part === "redis")?.state).toBe("dead");
  const healed = await openStack(options);
  expect(await redisCommand((redis) => redis.get("kept"))).toBe("yes");
  const after = await pids(healed);
  expect(after["redis"]).not.toBe(before["redis"]);
  expect({ ...after, redis: 0 }).toEqual({ ...before, redis: 0 });
});

test("a frozen part shows as paused and is awake after resume", async () => {
  const store = stack.part("object-store");
  await store.pause();
  // The kernel stops a process a moment after the signal.
  await expect.poll(() => store.condition(), { timeout: 30_000 }).toBe("stopped");
  expect((await stack.status()).find(({ part }) => part === "object-store")?.state).toBe("paused");
  await store.resume();
  expect(await store.start()).toBe("already running");
});

test("one of our own processes runs supervised like the parts", async () => {
  // Stands for any entry: it tells whether it was given its address, and is ready.
  const service = {
    name: "probe",
    entry: "compose/testing/ready-probe.mjs",
    env: { PROBE_GREETING: "hello" },
  };
  const handle = await stack.startService(service);
  const answer = await fetch(`http://127.0.0.1:${handle.ports["http"]}/ready`);
  expect(await answer.json()).toEqual({ greeting: "hello", prefix: "compose-test" });
  await handle.stop();
  expect(await handle.condition()).toBe("gone");
});

test("down leaves no process behind, not even one whose record was lost", async () => {
  expect((await markedProcesses(stack.directory)).length).toBe(5);
  await updateStackState(stack.directory, (state) => {
    if (state === null) throw new Error("the stack has no state");
    const { redis: _, ...others } = state.parts;
    return { ...state, parts: others };
  });
  await stack.stop();
  expect(await markedProcesses(stack.directory)).toEqual([]);
  expect((await stack.status()).every(({ state }) => state === "not started")).toBe(true);
});

async function pids(of: Stack): Promise<Record<string, number | null>> {
  return Object.fromEntries((await of.status()).map(({ part, pid }) => [part, pid]));
}

async function redisCommand<T>(run: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(stack.endpoints.redis.url);
  try {
    return await run(redis);
  } finally {
    redis.disconnect();
  }
}
