import { noCounts } from "../../shared/stats/counts.js";
import { daySeconds, type DayCounts } from "../../shared/stats/shown-days.js";
import type { Chance } from "./recent-answers.js";

/** Statistics that nobody has counted, of the two weeks up to yesterday, for chaff. */
export function chaffDays(nowSeconds: number, chance: Chance): readonly DayCounts[] {
  const today = nowSeconds - (nowSeconds % daySeconds);
  const some = (most: number): number => Math.floor(chance() * most);
  return Array.from({ length: 14 }, (_, index) => ({
    ...noCounts,
    dayStartSeconds: today - (14 - index) * daySeconds,
    publish: [some(10), 10 + some(90), 10 + some(90)],
    teks: 140 + some(2000),
    revisions: some(10),
    oldestTekDays: noCounts.oldestTekDays.map(() => some(20)),
    onsetAgeDays: noCounts.onsetAgeDays.map(() => some(10)),
    missingOnset: some(20),
  }));
}
