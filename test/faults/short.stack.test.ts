import { expect, inject, test } from "vitest";
import { playSchedule } from "./play-schedule.js";
import { ownTargets, type Harm, type Schedule } from "./schedule.js";

// The short form of `make faults`, on the stack that all tests share: processes of ours are killed under load, a clock
// jumps, MongoDB is slow, and an operator changes things meanwhile.

const kills = ownTargets
  .filter((target) => target !== "key-store-2" && target !== "stats-2")
  .map((target, index): Harm => ({ target, kind: "kill", atMs: 1000 + index * 1000, forMs: 1000 }));

const schedule: Schedule = {
  seed: "short",
  trafficMs: 9000,
  publishesPerSecond: 8,
  harms: [
    ...kills,
    { target: "key-store-2", kind: "jump", atMs: 2000, forMs: 4000, bySeconds: -120 },
    { target: "mongodb", kind: "slow", atMs: 5000, forMs: 1500, delayMs: 200 },
  ],
  changes: [
    { kind: "signing-key", atMs: 1000, retired: true },
    { kind: "key-store", atMs: 2000, forMs: 5000 },
    { kind: "replay store", atMs: 4000 },
    { kind: "replay export", atMs: 8000 },
  ],
  holdBelow: 100,
};

/** Ten processes start, and each that is killed again: where cores are few, that takes the most of it. */
const secondsMax = 600;

test(
  "nothing is lost and nothing comes twice when every kind of process is killed under load",
  async () => {
    const trial = await playSchedule({ endpoints: inject("endpoints") }, schedule);
    expect(trial.findings).toEqual([]);
    expect(trial.leftOut).toEqual([]);
    expect(trial.counts.keys).toBeGreaterThan(schedule.publishesPerSecond * 9);
    expect(trial.counts.files).toBeGreaterThan(1);
  },
  secondsMax * 1000,
);
