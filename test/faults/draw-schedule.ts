import { seededRandom, type SeededRandom } from "../phones/seeded-random.js";
import { drawChanges } from "./draw-changes.js";
import { drawHarms } from "./draw-harms.js";
import { jwksTarget, type Harm, type Schedule } from "./schedule.js";

const trafficMs = 25_000;
const publishesPerSecond = 10;

/** The schedule with this number: the same seed and number give the same one. */
export function faultSchedule(seed: string, number: number): Schedule {
  const exports = seededRandom(`${seed}/${number}/exports`);
  return {
    seed: `${seed}/${number}`,
    trafficMs,
    publishesPerSecond,
    harms: withJwks(drawHarms(seed, number), seededRandom(`${seed}/${number}/jwks`)),
    changes: drawChanges(seededRandom(`${seed}/${number}/changes`)),
    holdBelow: exports.below(2) === 0 ? undefined : 50 + exports.below(500),
  };
}

/** It is harmed as well, at about the time at which another one is. */
function withJwks(harms: readonly Harm[], random: SeededRandom): readonly Harm[] {
  const beside = harms[random.below(harms.length)]?.atMs ?? 0;
  const harm: Harm = {
    kind: random.below(2) === 0 ? "kill" : "freeze",
    target: jwksTarget,
    atMs: beside + random.below(500),
    forMs: 500 + random.below(6000),
  };
  return [...harms, harm].toSorted((a, b) => a.atMs - b.atMs);
}
