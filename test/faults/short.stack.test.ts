import { expect, inject, test } from "vitest";
import { playSchedule } from "./play-schedule.js";
import { ownTargets, type Schedule } from "./schedule.js";

// The short form of `make faults`: processes of ours are killed under load, on the stack that all tests share.

const schedule: Schedule = {
  seed: "short",
  trafficMs: 9000,
  publishesPerSecond: 8,
  harms: ownTargets
    .filter((target) => target !== "key-store-2" && target !== "stats-2")
    .map((target, index) => ({ target, kind: "kill", atMs: 1000 + index * 1000, forMs: 1000 })),
};

/** Ten processes start, and each that is killed again: where cores are few, that takes the most of it. */
const secondsMax = 240;

test(
  "nothing is lost and nothing comes twice when every kind of process is killed under load",
  async () => {
    const trial = await playSchedule({ endpoints: inject("endpoints") }, schedule);
    expect(trial.findings).toEqual([]);
    expect(trial.exits).toEqual([]);
    expect(trial.counts.keys).toBeGreaterThan(schedule.publishesPerSecond * 9);
    expect(trial.counts.files).toBeGreaterThan(1);
  },
  secondsMax * 1000,
);
