import { seededRandom } from "../phones/seeded-random.js";
import { toWire, type Draft, type WireRequest } from "./draft.js";
import { byteMutations } from "./mutate-bytes.js";
import { httpMutations, mayStayUnanswered } from "./mutate-http.js";
import { jsonMutations } from "./mutate-json.js";
import { tokenMutations } from "./mutate-tokens.js";
import type { Mutation, Surroundings } from "./mutation.js";
import { onceIn, pick } from "./pick.js";

/** One request of a run. */
export interface FuzzRequest {
  readonly number: number;
  /** What was done to it, in order. */
  readonly kinds: readonly string[];
  readonly wire: WireRequest;
  /** Whether it must get an answer. */
  readonly isWhole: boolean;
}

/** By name. */
export const mutations: Readonly<Record<string, Mutation>> = {
  ...byteMutations,
  ...jsonMutations,
  ...tokenMutations,
  ...httpMutations,
};

const names = Object.keys(mutations);

/** Request `number` of the run with this seed: the same for the same seed, number, drafts and surroundings. */
export function fuzzRequest(
  seed: string,
  number: number,
  drafts: readonly Draft[],
  surroundings: Surroundings,
): FuzzRequest {
  const random = seededRandom(`${seed}/${number}`);
  const count = onceIn(random, 50) ? 0 : onceIn(random, 4) ? 2 : 1;
  const kinds = Array.from({ length: count }, () => pick(random, names));
  const draft = kinds.reduce(
    (changed, kind) => mutations[kind]?.(changed, random, surroundings) ?? changed,
    pick(random, drafts),
  );
  return { number, kinds, wire: toWire(draft, random), isWhole: !mayStayUnanswered(draft) };
}
