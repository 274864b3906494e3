import { expect, inject, test } from "vitest";
import { playInTurn } from "./play-schedule.js";
import type { Change, Harm, Schedule } from "./schedule.js";

// The short form of `make faults`, on the stack that all tests share: processes of ours are killed and frozen under load, a
// clock jumps, MongoDB is slow, and an operator changes things meanwhile. One deployment suffers all of it.

const load = { trafficMs: 4000, publishesPerSecond: 8 };

function aSchedule(seed: string, harms: readonly Harm[], ...changes: readonly Change[]): Schedule {
  return { seed: `short/${seed}`, ...load, harms, changes, holdBelow: 100 };
}

const schedules: readonly Schedule[] = [
  aSchedule(
    "gateways",
    [
      { kind: "kill", target: "gateway-1", atMs: 1000, forMs: 1000 },
      { kind: "kill", target: "gateway-2", atMs: 2000, forMs: 1000 },
    ],
    { kind: "signing-key", atMs: 1000, retired: true },
  ),
  aSchedule(
    "key-stores",
    [
      { kind: "jump", target: "key-store-2", atMs: 1000, forMs: 2500, bySeconds: -120 },
      { kind: "kill", target: "key-store-1", atMs: 2000, forMs: 1000 },
    ],
    { kind: "key-store", atMs: 1000, forMs: 3000 },
  ),
  aSchedule(
    "workers",
    [
      { kind: "kill", target: "export-window-1", atMs: 1000, forMs: 1000 },
      { kind: "kill", target: "export-window-2", atMs: 2000, forMs: 1000 },
    ],
    { kind: "replay export", atMs: 3000 },
  ),
  aSchedule("clocks", [
    { kind: "kill", target: "clock-1", atMs: 1000, forMs: 1000 },
    { kind: "kill", target: "clock-2", atMs: 2000, forMs: 1000 },
  ]),
  aSchedule(
    "MongoDB",
    [
      { kind: "slow", target: "mongodb", atMs: 1000, forMs: 1500, delayMs: 200 },
      { kind: "kill", target: "stats-1", atMs: 2000, forMs: 1000 },
    ],
    { kind: "replay store", atMs: 1000 },
  ),
];

/** Ten processes start, and each that is killed again: where cores are few, that takes the most of it. */
const secondsMax = 600;

test(
  "nothing is lost and nothing comes twice in five schedules in which every kind of process is killed under load",
  async () => {
    const trial = await playInTurn({ endpoints: inject("endpoints") }, schedules);
    expect(trial.findings).toEqual([]);
    expect(trial.leftOut).toEqual([]);
    expect(trial.counts.keys).toBeGreaterThan(
      (schedules.length * load.publishesPerSecond * load.trafficMs) / 1000,
    );
    expect(trial.counts.files).toBeGreaterThan(1);
  },
  secondsMax * 1000,
);
