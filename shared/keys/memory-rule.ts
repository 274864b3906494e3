import { intervalStartSeconds } from "./interval.js";
import type { KeyIntervals } from "./judge-key.js";

// A TEK is refused a second time as long as it could be taken at all. Its document does that, but may go earlier: it
// stays for a time counted from its creation, and a key is taken for a time counted from its end. A keyed hash stays on
// for those keys alone whose document goes too early: keys that had hardly ended, or not yet, when they came. And only
// a key that is old enough to have lost its document by now has to be looked for among the hashes.

/** What decides for how long a TEK is known, and by what. */
export interface MemoryRule {
  /** How long a document stays, counted from its creation time. KEYS_RETENTION. */
  readonly keysRetentionSeconds: number;
  /** How long ago a key may have ended when it comes. MAX_INTERVAL_AGE_ON_PUBLISH. */
  readonly keyAgeSecondsMax: number;
  /** Creation times are rounded down to this. TRUNCATE_WINDOW. */
  readonly truncateWindowSeconds: number;
  /** Keys still usable on air are created when they come, not when they end. DEBUG_RELEASE_SAME_DAY_KEYS. */
  readonly releaseStillValidKeys: boolean;
}

/** For what is on its way from gateway to key-store when a key becomes too old, and for clocks that differ. */
const slackSeconds = 3600;

/** Until when a TEK must be known (unix seconds). */
export function knownUntilSeconds(key: KeyIntervals, rule: MemoryRule): number {
  return endSeconds(key) + rule.keyAgeSecondsMax + slackSeconds;
}

/** Whether a key must be remembered beyond its document. */
export function outlivesDocument(
  key: KeyIntervals & { readonly createdAtSeconds: number },
  rule: MemoryRule,
): boolean {
  return key.createdAtSeconds + rule.keysRetentionSeconds < knownUntilSeconds(key, rule);
}

/** Whether a key may have come before and lost its document by now. */
export function mayHaveLostDocument(key: KeyIntervals, nowSeconds: number, rule: MemoryRule): boolean {
  const firstSeconds = rule.releaseStillValidKeys
    ? intervalStartSeconds(key.rollingStartIntervalNumber)
    : endSeconds(key);
  const createdSecondsMin = firstSeconds - rule.truncateWindowSeconds - slackSeconds;
  return nowSeconds >= createdSecondsMin + rule.keysRetentionSeconds;
}

function endSeconds({ rollingStartIntervalNumber, rollingPeriod }: KeyIntervals): number {
  return intervalStartSeconds(rollingStartIntervalNumber + rollingPeriod);
}
