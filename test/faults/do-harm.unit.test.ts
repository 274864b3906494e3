import { expect, test } from "vitest";
import type { PartHandle } from "../../compose/part-handle.js";
import { doHarm, heal, type Victims } from "./do-harm.js";
import type { HarmableStack } from "./harmable-stack.js";
import type { DiskTarget, Harm } from "./schedule.js";
import type { SmallDisk } from "./small-disk.js";
import { Supervisor } from "./supervisor.js";

const times = { atMs: 0, forMs: 1 };
const fill: Harm = { ...times, kind: "fill", target: "mongodb" };
const slow: Harm = { ...times, atMs: 5, kind: "slow", target: "mongodb", delayMs: 100 };
const kill: Harm = { ...times, kind: "kill", target: "redis" };

/** A stack that writes down what is done to it. */
function aScene(told: string[], disks?: ReadonlyMap<DiskTarget, SmallDisk>, leader?: string): Victims {
  const tell = async (text: string): Promise<void> => void told.push(text);
  const part = (name: string): PartHandle => ({
    name,
    ports: {},
    condition: async () => "running",
    start: () => tell(`start ${name}`).then(() => "started"),
    stop: () => tell(`stop ${name}`),
    kill: () => tell(`kill ${name}`),
    pause: () => tell(`pause ${name}`),
    resume: () => tell(`resume ${name}`),
  });
  const stack: HarmableStack = {
    names: ["redis"],
    part,
    nameOf: async (target) => (target === "kafka-leader" ? leader : target),
    disks,
  };
  return {
    supervisor: new Supervisor(),
    env: {},
    stack,
    wayToMongodb: { url: "", delay: (ms) => void told.push(`delay ${ms}`), stop: () => undefined },
    clocks: new Map(),
  };
}

function aDisk(told: string[], fillDisk: () => Promise<void>): ReadonlyMap<DiskTarget, SmallDisk> {
  const disk: SmallDisk = {
    fill: fillDisk,
    clear: async () => void told.push("clear"),
    unmount: async () => undefined,
  };
  return new Map([["mongodb", disk]]);
}

test("harms that can't be done are told: a disk that is not there, a broker that nobody knows", async () => {
  const told: string[] = [];
  const unknown: Harm = { ...times, kind: "freeze", target: "kafka-leader" };
  expect(await doHarm(aScene(told), [fill, kill, unknown])).toEqual([fill, unknown]);
  expect(told).toEqual(["kill redis", "start redis"]);
});

test("where a harm fails, the others are done and undone before that is told", async () => {
  const told: string[] = [];
  const broken = aDisk(told, () => Promise.reject(new Error("no such disk")));
  await expect(doHarm(aScene(told, broken), [fill, slow])).rejects.toThrow("no such disk");
  expect(told).toEqual(["delay 100", "delay 0"]);
});

test("healing makes room on the disks before it starts the parts", async () => {
  const told: string[] = [];
  const full = aDisk(told, async () => undefined);
  expect(await heal(aScene(told, full))).toEqual([]);
  expect(told).toEqual(["clear", "start redis"]);
});
