import type { HealthAuthority } from "../phones/health-authority.js";
import type { SeededRandom } from "../phones/seeded-random.js";
import type { Draft } from "./draft.js";

/** What a mutation may take from its surroundings. */
export interface Surroundings {
  readonly authority: HealthAuthority;
  /** The moment at which the seeds were made, in Unix seconds: certificates are dated by it. */
  readonly nowSeconds: number;
}

/** Changes a request in one way, in places that chance takes. One that finds nothing to change gives it back as it is. */
export type Mutation = (draft: Draft, random: SeededRandom, surroundings: Surroundings) => Draft;
