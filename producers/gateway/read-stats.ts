import { healthAuthorityOf, type Deployment } from "../../shared/deployment/deployment.js";
import { verifyStatsToken } from "../../shared/keys/stats-token.js";
import type { HourCounts } from "../../shared/stats/counts.js";
import { shownDays, type ShowingRule } from "../../shared/stats/shown-days.js";
import type { StatsAnswer } from "./stats-answer.js";

export interface StatsSteps {
  /** The `aud` that tokens must have. */
  readonly audience: string;
  readonly rule: ShowingRule;
  /** Unix seconds, whole. */
  readonly nowSeconds: () => number;
  readonly deployment: () => Deployment;
  /** Throws `Unavailable` while there is no view to answer from. */
  readonly hoursOf: (healthAuthorityId: string) => Promise<readonly HourCounts[]>;
}

/** The statistics of the health authority that signed the token; no other's, and nothing without one. Facts, §3.7. */
export async function readStats(steps: StatsSteps, authorization: string | undefined): Promise<StatsAnswer> {
  const nowSeconds = steps.nowSeconds();
  const verified = await verifyStatsToken({
    authorization,
    audience: steps.audience,
    nowSeconds,
    healthAuthorityByIssuer: (issuer) => healthAuthorityOf(steps.deployment(), issuer),
  });
  if (!verified.ok) return { status: 401, code: "unauthorized", error: verified.message };
  const hours = await steps.hoursOf(verified.healthAuthority.id);
  return { status: 200, days: shownDays(hours, nowSeconds, steps.rule) };
}
