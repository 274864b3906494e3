import { seededRandom } from "../phones/seeded-random.js";
import { drawChanges } from "./draw-changes.js";
import { drawHarms } from "./draw-harms.js";
import type { Schedule } from "./schedule.js";

const trafficMs = 25_000;
const publishesPerSecond = 10;

/** The schedule with this number: the same seed and number give the same one. */
export function faultSchedule(seed: string, number: number): Schedule {
  const exports = seededRandom(`${seed}/${number}/exports`);
  return {
    seed: `${seed}/${number}`,
    trafficMs,
    publishesPerSecond,
    harms: drawHarms(seed, number),
    changes: drawChanges(seededRandom(`${seed}/${number}/changes`)),
    holdBelow: exports.below(2) === 0 ? undefined : 50 + exports.below(500),
  };
}
