import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { parseStackState, readStackState, recordPart, updateStackState } from "./stack-state.js";
import type { StackState } from "./stack-state.js";

function aState(change: Partial<StackState> = {}): StackState {
  return {
    version: 1,
    brokers: 1,
    objectStore: "s3",
    prefix: "dev",
    ttlMonitorSleepSeconds: null,
    ports: { redis: 20_000 },
    parts: {
      redis: { process: { pid: 7, startTicks: 9 }, command: ["redis-server"], log: "/tmp/redis.log" },
    },
    ...change,
  };
}

test("what was written is read back", () => {
  expect(parseStackState(JSON.stringify(aState()))).toEqual(aState());
});

test.each([
  ["nothing", ""],
  ["another format", "pid: 7"],
  ["another version", JSON.stringify({ ...aState(), version: 2 })],
  ["a port out of range", JSON.stringify(aState({ ports: { redis: 70_000 } }))],
  ["pid 0, which would signal the launcher's own group", JSON.stringify(withPid(0))],
  ["a negative pid", JSON.stringify(withPid(-1))],
  ["an unknown field", JSON.stringify({ ...aState(), extra: true })],
])("%s is refused", (_, text) => {
  expect(() => parseStackState(text)).toThrow("the state file is not");
});

test("any text is either a valid state or refused with an error", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(() => parseStackState(text)).toThrow("the state file is not");
    }),
  );
});

test("records written at the same time are all kept", async () => {
  const directory = await mkdtemp(join(tmpdir(), "state-"));
  await updateStackState(directory, () => aState({ parts: {} }));
  const names = Array.from({ length: 8 }, (_, index) => `part-${index}`);
  const record = { process: null, command: ["x"], log: "x.log" };
  await Promise.all(names.map((name) => recordPart(directory, name, record)));
  expect(Object.keys((await readStackState(directory))?.parts ?? {}).sort()).toEqual(names);
  await rm(directory, { recursive: true });
});

test("a folder without a state file has no state", async () => {
  expect(await readStackState("/nonexistent")).toBeNull();
});

function withPid(pid: number): StackState {
  return aState({
    parts: { redis: { process: { pid, startTicks: 9 }, command: ["redis-server"], log: "x" } },
  });
}
