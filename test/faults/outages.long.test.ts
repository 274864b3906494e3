import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeStack, openStack, type Stack } from "../../compose/stack.js";
import { harmableStack } from "./harmable-stack.js";
import { playSchedule, type Trial } from "./play-schedule.js";
import { partTargets, type PartTarget, type Schedule } from "./schedule.js";

// One part of the stack is gone for a while, frozen or killed, under load; and the second process of each kind of ours
// is started in the middle of it. No process of ours may end, and afterwards all is well with no one's help.

const name = "outages";
/** So many deployments suffer each outage at the same time: as many trials, in the time of one. */
const deployments = Number(process.env["DEPLOYMENTS"] ?? 2);
/** One broker has both roles. */
const parts = partTargets.filter((target) => target !== "kafka-controller");
const beginMs = 4000;
const afterMs = 6000;
let stack: Stack;

beforeAll(async () => {
  stack = await openStack({ name, env: process.env, partsOnly: true });
}, 300_000);

afterAll(async () => {
  await closeStack({ name, env: process.env, purge: true });
});

function outage(target: PartTarget, kind: "kill" | "freeze", seconds: number): Schedule {
  const forMs = seconds * 1000;
  const startMs = beginMs + Math.min(forMs / 2, 5000);
  return {
    seed: `outage/${target}/${kind}`,
    trafficMs: beginMs + forMs + afterMs,
    publishesPerSecond: 5,
    harms: [{ target, kind, atMs: beginMs, forMs }],
    startedAtMs: {
      "gateway-2": startMs,
      "key-store-2": startMs,
      "clock-2": startMs,
      "export-window-2": startMs,
    },
  };
}

/** Lets nobody through before all have come. */
function aBarrier(count: number): () => Promise<void> {
  let missing = count;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    missing -= 1;
    if (missing === 0) open();
    return opened;
  };
}

/** The first deployment does the harm, and heals; the others only have to bear it. */
function sufferTogether(schedule: Schedule): Promise<Trial[]> {
  const begin = aBarrier(deployments);
  const { endpoints } = stack;
  const trials = Array.from({ length: deployments }, (_, index) => {
    const own = { ...schedule, seed: `${schedule.seed}/${index}` };
    return index === 0
      ? playSchedule({ endpoints, stack: harmableStack(stack), begin }, own)
      : playSchedule({ endpoints, begin }, { ...own, harms: [] });
  });
  return Promise.all(trials);
}

describe.each([10, 90])("a part that is away for %i s", (seconds) => {
  test.each(parts.flatMap((target) => [[target, "freeze"] as const, [target, "kill"] as const]))(
    "%s, by a %s, delays answers and exports, and that is all",
    async (target, kind) => {
      for (const trial of await sufferTogether(outage(target, kind, seconds))) {
        expect(trial.findings).toEqual([]);
        expect(trial.leftOut).toEqual([]);
      }
    },
  );
});
