import type { TopicAge } from "../../shared/kafka/older-records.js";
import { retentionSecondsMin } from "../../shared/process/minimum-retention.js";
import type { CollectionAge } from "../../shared/view/oldest-documents.js";

/** One place where something is kept. */
export interface RetentionRow {
  readonly place: string;
  /** Unix seconds of the oldest thing there; null when it is empty, or nobody can tell without reading all of it. */
  readonly oldestSeconds: number | null;
  /** How long things may stay, in seconds; null: they tell of no person, and stay. */
  readonly retentionSeconds: number | null;
  readonly verdict: "ok" | "too_old" | "too_short" | "kept";
}

/** MongoDB removes once a minute; a busy one takes longer. */
const monitorSeconds = 300;

export function judgeTopic({ topic, retentionSeconds, overdue }: TopicAge): RetentionRow {
  const place = `topic ${topic}${overdue.length === 0 ? "" : `, partition ${overdue.join(", ")}`}`;
  if (retentionSeconds === undefined)
    return { place, oldestSeconds: null, retentionSeconds: null, verdict: "kept" };
  const isShort = retentionSeconds < retentionSecondsMin;
  const verdict = overdue.length > 0 ? "too_old" : isShort ? "too_short" : "ok";
  return { place, oldestSeconds: null, retentionSeconds, verdict };
}

export function judgeCollection(age: CollectionAge, nowSeconds: number): RetentionRow {
  const place = `collection ${age.collection}`;
  if (age.retentionSeconds === undefined)
    return { place, oldestSeconds: null, retentionSeconds: null, verdict: "kept" };
  return judgeAge(place, age.oldestSeconds, age.retentionSeconds, monitorSeconds, nowSeconds);
}

/** `slackSeconds`: what whoever removes may need beyond the retention. */
export function judgeAge(
  place: string,
  oldestSeconds: number | undefined,
  retentionSeconds: number,
  slackSeconds: number,
  nowSeconds: number,
): RetentionRow {
  const isOld = oldestSeconds !== undefined && oldestSeconds < nowSeconds - retentionSeconds - slackSeconds;
  return { place, oldestSeconds: oldestSeconds ?? null, retentionSeconds, verdict: isOld ? "too_old" : "ok" };
}
