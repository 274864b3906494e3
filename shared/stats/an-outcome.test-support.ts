import type { Outcome } from "./count-outcomes.js";

/** The hour of `anOutcome`: 22 November 2026, 19:00 UTC. */
export const outcomeHourSeconds = 1_795_374_000;

/** One phone's first publish: iOS, 14 keys, the oldest of them 13 days old, 5 days after symptom onset. */
export function anOutcome(changes: Outcome = {}): Outcome {
  return {
    healthAuthorityId: "doh",
    receivedWindowSeconds: outcomeHourSeconds,
    inserted: 14,
    platform: 2,
    oldestTekDays: 13,
    onsetToUploadDays: 5,
    reportType: 1,
    ...changes,
  };
}
