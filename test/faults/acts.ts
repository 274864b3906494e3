import { seededRandom, type SeededRandom } from "../phones/seeded-random.js";

interface Begin {
  /** Since the first publish. */
  readonly atMs: number;
  /** Seed of the phone, or of the first of two. */
  readonly phoneSeed: string;
  /** The phone's newest key is still usable on air. */
  readonly includingToday: boolean;
}

/**
 * What a phone does: publish; send the identical request twice at the same time; publish and revise with its token
 * after a while; or race with another phone for the same key, whereupon both try their tokens.
 */
export type Act = Begin &
  (
    | { readonly kind: "once" | "twice" }
    | { readonly kind: "revise"; readonly to: "confirmed" | "negative"; readonly pauseMs: number }
    | { readonly kind: "race"; readonly pauseMs: number }
  );

/** Phones' acts at a steady rate: a pure function of the seed. */
export function phoneActs(seed: string, trafficMs: number, publishesPerSecond: number): readonly Act[] {
  const random = seededRandom(`${seed}/acts`);
  const count = Math.floor((trafficMs / 1000) * publishesPerSecond);
  return Array.from({ length: count }, (_, number) => {
    const begin = {
      atMs: Math.round((number / publishesPerSecond) * 1000),
      phoneSeed: `${seed}/phone/${number}`,
      includingToday: random.below(10) === 0,
    };
    return { ...begin, ...aKind(random) };
  });
}

function aKind(random: SeededRandom) {
  const lot = random.below(100);
  // A third of the tokens are used at once, while key-store may not have seen their keys.
  const pauseMs = Math.max(0, random.below(9000) - 3000);
  if (lot < 45) return { kind: "once" } as const;
  if (lot < 60) return { kind: "twice" } as const;
  if (lot < 70) return { kind: "race", pauseMs } as const;
  return { kind: "revise", to: random.below(2) === 0 ? "confirmed" : "negative", pauseMs } as const;
}
