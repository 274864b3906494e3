import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeStack, openStack, type Stack } from "../../compose/stack.js";
import { playSchedule } from "./play-schedule.js";
import { partTargets, type Harm, type PartTarget, type Schedule } from "./schedule.js";

// One part of the stack is gone for a while, frozen or killed, under load; and the second process of each kind of ours
// is started in the middle of it. No process of ours may end, and afterwards all is well with no one's help.

const name = "outages";
const beginMs = 4000;
const afterMs = 6000;
let stack: Stack;

beforeAll(async () => {
  stack = await openStack({ name, env: process.env, partsOnly: true });
}, 300_000);

afterAll(async () => {
  await closeStack({ name, env: process.env, purge: true });
});

function outage(target: PartTarget, kind: Harm["kind"], seconds: number): Schedule {
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

describe.each([10, 90])("a part that is away for %i s", (seconds) => {
  test.each(partTargets.flatMap((target) => [[target, "freeze"] as const, [target, "kill"] as const]))(
    "%s, by a %s, delays answers and exports, and that is all",
    async (target, kind) => {
      const trial = await playSchedule(
        { endpoints: stack.endpoints, part: stack.part },
        outage(target, kind, seconds),
      );
      expect(trial.findings).toEqual([]);
      expect(trial.exits).toEqual([]);
    },
  );
});
