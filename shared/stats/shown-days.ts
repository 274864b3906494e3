import { hourOf } from "./count-outcomes.js";
import { noCounts, publishCount, sumOfCounts, type Counts, type HourCounts } from "./counts.js";

/** From when on a day may be shown, so that no answer speaks of a handful of people who just published. */
export interface ShowingRule {
  /** A day with so many publishes is shown at once. */
  readonly uploadMinimum: number;
  /** Any other is shown when so much time has passed since its end; 0: never. */
  readonly embargoSeconds: number;
}

/** One UTC day's counts. */
export interface DayCounts extends Counts {
  readonly dayStartSeconds: number;
}

export const daySeconds = 86_400;

/** The days of one health authority that may be shown now, oldest first (reference server facts, §3.7). */
export function shownDays(
  hours: readonly HourCounts[],
  nowSeconds: number,
  rule: ShowingRule,
): readonly DayCounts[] {
  const days = new Map<number, Counts>();
  for (const hour of hours) {
    // The current hour still grows: two answers would tell what came between them.
    if (hour.hourSeconds >= hourOf(nowSeconds)) continue;
    const day = dayOf(hour.hourSeconds);
    days.set(day, sumOfCounts(days.get(day) ?? noCounts, hour));
  }
  return [...days]
    .map(([dayStartSeconds, counts]) => ({ dayStartSeconds, ...counts }))
    .filter((day) => isShown(day, nowSeconds, rule))
    .toSorted((a, b) => a.dayStartSeconds - b.dayStartSeconds);
}

/** The beginning of the UTC day that a time lies in. */
export function dayOf(seconds: number): number {
  return Math.floor(seconds / daySeconds) * daySeconds;
}

function isShown(day: DayCounts, nowSeconds: number, rule: ShowingRule): boolean {
  if (publishCount(day) >= rule.uploadMinimum) return true;
  const sinceEndSeconds = nowSeconds - (day.dayStartSeconds + daySeconds);
  return rule.embargoSeconds > 0 && sinceEndSeconds >= rule.embargoSeconds;
}
