import { seededRandom, type SeededRandom } from "../phones/seeded-random.js";
import { isPart, ownTargets, partTargets, type Harm, type OwnTarget, type Target } from "./schedule.js";

/** Between two harms of the same process, so that it gets to work in between. */
const restMs = 5000;
const harmsMs = { from: 2000, until: 21_000 };
/** Longer than the session timeout of our consumers, which is 15 s: others have taken over when it comes back. */
const longMs = 16_000;
const longUntilMs = 8000;
/** Those that come at once begin within this. */
const atOnceMs = 1000;

/** How far clocks jump. A gateway refuses certificates by its clock: it stays within the time that phones' last. */
const jumpSecondsMax = { gateway: 180, others: 240 };

/** When a harm begins, given how long it may begin. */
type Begin = (untilMs: number) => number;

/**
 * The harms of one schedule, by time. At least one is of a part of the stack, in turn, so that six schedules in a row
 * harm all of them. They are spread over the whole time, or all come at once, or at two moments with quiet in between.
 */
export function drawHarms(seed: string, number: number): Harm[] {
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
  const begin = drawBegin(random);
  const harms: Harm[] = [];
  for (const target of targets) {
    const drawn = aHarm(target, begin, random);
    if (!harms.some((harm) => overlap(harm, drawn))) harms.push(drawn);
  }
  return harms.toSorted((a, b) => a.atMs - b.atMs);
}

function drawBegin(random: SeededRandom): Begin {
  const { from } = harmsMs;
  const spread: Begin = (untilMs) => from + random.below(untilMs - from);
  const [first, second] = [from + random.below(4000), 14_000 + random.below(5000)];
  const momentOf = (untilMs: number): number =>
    second < untilMs && random.below(2) === 0 ? second : Math.min(first, untilMs);
  return pick(
    [spread, () => first + random.below(atOnceMs), (untilMs) => momentOf(untilMs) + random.below(atOnceMs)],
    random.below(3),
  );
}

function aHarm(target: Target, begin: Begin, random: SeededRandom): Harm {
  const kind = pick(kindsOf(target), random.below(12));
  const isLong = kind !== "kill" && kind !== "fill" && random.below(4) === 0;
  const forMs = isLong ? longMs + random.below(3000) : 500 + random.below(kind === "kill" ? 3500 : 6000);
  const times = { atMs: begin(isLong ? longUntilMs : harmsMs.until), forMs };
  switch (kind) {
    case "kill":
    case "freeze":
      return { ...times, kind, target };
    case "jump":
      return { ...times, kind, target: target as OwnTarget, bySeconds: aJump(target, random) };
    case "slow":
      return { ...times, kind, target: "mongodb", delayMs: 50 + random.below(1500) };
    case "fill":
      return { ...times, kind, target: target as "mongodb" | "object-store" };
  }
}

function kindsOf(target: Target): readonly [Harm["kind"], ...Harm["kind"][]] {
  if (target === "mongodb") return ["kill", "freeze", "slow", "fill"];
  if (target === "object-store") return ["kill", "freeze", "fill"];
  return isPart(target) ? ["kill", "freeze"] : ["kill", "freeze", "jump"];
}

function aJump(target: Target, random: SeededRandom): number {
  const max = target.startsWith("gateway") ? jumpSecondsMax.gateway : jumpSecondsMax.others;
  const seconds = 5 + random.below(max - 5);
  return random.below(2) === 0 ? seconds : -seconds;
}

function overlap(a: Harm, b: Harm): boolean {
  if (a.target !== b.target) return false;
  return a.atMs < b.atMs + b.forMs + restMs && b.atMs < a.atMs + a.forMs + restMs;
}

function pick<Item>(items: readonly [Item, ...Item[]], number: number): Item {
  return items[number % items.length] ?? items[0];
}
