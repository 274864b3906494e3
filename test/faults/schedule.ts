import { seededRandom, type SeededRandom } from "../phones/seeded-random.js";

/** Processes of ours that a schedule starts, two of each kind. */
export const ownTargets = [
  "gateway-1",
  "gateway-2",
  "key-store-1",
  "key-store-2",
  "clock-1",
  "clock-2",
  "export-window-1",
  "export-window-2",
  "stats-1",
  "stats-2",
] as const;

/** Processes of the stack. */
export const partTargets = ["kafka-1", "mongodb", "redis", "registry", "object-store"] as const;

export type OwnTarget = (typeof ownTargets)[number];
export type PartTarget = (typeof partTargets)[number];
export type Target = OwnTarget | PartTarget;

/** `kill` is SIGKILL, and a new start after `forMs`; `freeze` is SIGSTOP, and SIGCONT after `forMs`. */
export interface Harm {
  /** Since the first publish. */
  readonly atMs: number;
  readonly target: Target;
  readonly kind: "kill" | "freeze";
  readonly forMs: number;
}

/**
 * What an operator does meanwhile: `partitions` gives the topics of keys more of them, that of submissions before or
 * after those of decided keys, with a pause in between; `files` makes the files of an export smaller.
 */
export type Change = {
  /** Since the first publish. */
  readonly atMs: number;
} & (
  | { readonly kind: "partitions"; readonly first: "submitted" | "accepted"; readonly pauseMs: number }
  | { readonly kind: "files"; readonly recordsMax: number }
);

/** All that is to happen to one deployment. */
export interface Schedule {
  readonly seed: string;
  /** How long phones publish. */
  readonly trafficMs: number;
  readonly publishesPerSecond: number;
  /** By time. */
  readonly harms: readonly Harm[];
  readonly changes?: readonly Change[];
  /** Processes of ours that are not started with the others but then. */
  readonly startedAtMs?: Partial<Record<OwnTarget, number>>;
}

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
  return {
    seed: `${seed}/${number}`,
    trafficMs,
    publishesPerSecond,
    harms: harms.toSorted((a, b) => a.atMs - b.atMs),
    changes: someChanges(seededRandom(`${seed}/${number}/changes`)),
  };
}

/** Each kind comes in half of the schedules. */
function someChanges(random: SeededRandom): Change[] {
  const partitions: Change = {
    kind: "partitions",
    atMs: 3000 + random.below(10_000),
    first: random.below(2) === 0 ? "submitted" : "accepted",
    pauseMs: random.below(20_000),
  };
  const files: Change = {
    kind: "files",
    atMs: 3000 + random.below(15_000),
    recordsMax: 20 + random.below(80),
  };
  return [partitions, files].filter(() => random.below(2) === 0);
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
