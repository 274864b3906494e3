import { seededRandom, type SeededRandom } from "../phones/seeded-random.js";
import { drawChanges } from "./draw-changes.js";
import { ownTargets, partTargets, type Harm, type Schedule, type Target } from "./schedule.js";

const trafficMs = 25_000;
const publishesPerSecond = 10;
/** Between two harms of the same process, so that it gets to work in between. */
const restMs = 5000;
/** Longer than the session timeout of our consumers, which is 15 s: others have taken over when it comes back. */
const longFreezeMs = 16_000;

/**
 * The schedule with this number: the same seed and number give the same one. Each harms at least one part of the
 * stack, in turn, so that five in a row harm all of them.
 */
export function faultSchedule(seed: string, number: number): Schedule {
  const random = seededRandom(`${seed}/${number}/harms`);
  const turn = seededRandom(seed).below(partTargets.length) + number;
  const everything = [...ownTargets, ...partTargets] as const;
  const targets: Target[] = [
    pick(partTargets, turn),
    pick(ownTargets, random.below(ownTargets.length)),
    pick(ownTargets, random.below(ownTargets.length)),
    pick(ownTargets, random.below(ownTargets.length)),
    pick(everything, random.below(everything.length)),
  ];
  const harms: Harm[] = [];
  for (const target of targets) {
    const drawn = aHarm(target, random);
    if (!harms.some((harm) => overlap(harm, drawn))) harms.push(drawn);
  }
  const other = seededRandom(`${seed}/${number}/exports`);
  return {
    seed: `${seed}/${number}`,
    trafficMs,
    publishesPerSecond,
    harms: harms.toSorted((a, b) => a.atMs - b.atMs),
    changes: drawChanges(seededRandom(`${seed}/${number}/changes`)),
    holdBelow: other.below(2) === 0 ? undefined : 50 + other.below(500),
  };
}

function aHarm(target: Target, random: SeededRandom): Harm {
  const kind = random.below(2) === 0 ? "kill" : "freeze";
  const isLong = kind === "freeze" && random.below(4) === 0;
  if (isLong) {
    return { target, kind, atMs: 2000 + random.below(6000), forMs: longFreezeMs + random.below(3000) };
  }
  const atMs = 2000 + random.below(19_000);
  return { target, kind, atMs, forMs: 500 + random.below(kind === "kill" ? 3500 : 6000) };
}

function overlap(a: Harm, b: Harm): boolean {
  if (a.target !== b.target) return false;
  return a.atMs < b.atMs + b.forMs + restMs && b.atMs < a.atMs + a.forMs + restMs;
}

function pick<Item>(items: readonly [Item, ...Item[]], number: number): Item {
  return items[number % items.length] ?? items[0];
}
