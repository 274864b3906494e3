import { countOutcomes } from "../../shared/stats/count-outcomes.js";
import { noCounts, sumOfCounts, type Counts, type HourCounts } from "../../shared/stats/counts.js";
import { Statistics } from "../../shared/view/statistics.js";
import type { Audit } from "./audit.js";
import { findingAbout, type Finding } from "./finding.js";
import type { LogFold } from "./read-log.js";

const countedSecondsMax = 120;

/** What has been counted for every health authority that the log names, once it agrees with the log or time is up. */
export async function readStatistics({ view }: Audit, log: LogFold): Promise<readonly HourCounts[]> {
  const statistics = new Statistics(view);
  const ids = new Set(log.outcomes.map(({ healthAuthorityId }) => healthAuthorityId ?? ""));
  const deadline = performance.now() + countedSecondsMax * 1000;
  for (;;) {
    const counted = (await Promise.all([...ids].map((id) => statistics.hoursOf(id)))).flat();
    if (compareStatistics(log, counted).length === 0 || performance.now() > deadline) return counted;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Each outcome of the log is counted once, and outcomes tell of as many keys as the log holds. */
export function compareStatistics(log: LogFold, counted: readonly HourCounts[]): readonly Finding[] {
  const [wanted, found] = [byHour(countOutcomes(log.outcomes)), byHour(counted)];
  const hours = new Set([...wanted.keys(), ...found.keys()]);
  const differing = [...hours].filter(
    (hour) => JSON.stringify(wanted.get(hour)) !== JSON.stringify(found.get(hour)),
  );
  const sums = log.outcomes.reduce<{ inserted: number; revised: number }>(
    (sum, { inserted, revised }) => ({
      inserted: sum.inserted + (inserted ?? 0),
      revised: sum.revised + (revised ?? 0),
    }),
    { inserted: 0, revised: 0 },
  );
  const keys = [
    [sums.inserted, log.keys.size, "inserted"],
    [sums.revised, log.revised.size, "revised"],
  ] as const;
  const wrong = keys.filter(([told, logged]) => told !== logged);
  return [
    ...findingAbout("statistics_differ", differing),
    ...findingAbout(
      "outcomes_differ",
      wrong.map(([told, logged, what]) => `${told} ${what}, but ${logged} in the log`),
    ),
  ];
}

/** Partitions together. */
function byHour(hours: readonly HourCounts[]): Map<string, Counts> {
  const sums = new Map<string, Counts>();
  for (const { healthAuthorityId, hourSeconds, ...counts } of hours) {
    const key = `${healthAuthorityId}/${hourSeconds}`;
    sums.set(key, sumOfCounts(sums.get(key) ?? noCounts, counts));
  }
  return sums;
}
