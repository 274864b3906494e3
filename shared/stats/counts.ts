/** What publishes came to, as a health authority may read it (reference server facts, §3.7 and §5.2). */
export interface Counts {
  /** Publishes by platform: unknown, Android, iOS. */
  readonly publish: readonly number[];
  /** Keys inserted and revised. */
  readonly teks: number;
  /** Publishes that revised a key. */
  readonly revisions: number;
  /** Publishes by the age of their oldest key in days; the last entry takes everything older. */
  readonly oldestTekDays: readonly number[];
  /** Publishes by the days from symptom onset to the publish; the last entry takes everything older. */
  readonly onsetAgeDays: readonly number[];
  readonly missingOnset: number;
}

/** The counts of one health authority in one hour. */
export interface HourCounts extends Counts {
  readonly healthAuthorityId: string;
  /** The hour's beginning (unix seconds). */
  readonly hourSeconds: number;
}

export const platforms = 3;
export const oldestTekEntries = 16;
export const onsetAgeEntries = 30;

const zeros = (entries: number): readonly number[] => Array.from({ length: entries }, () => 0);

export const noCounts: Counts = {
  publish: zeros(platforms),
  teks: 0,
  revisions: 0,
  oldestTekDays: zeros(oldestTekEntries),
  onsetAgeDays: zeros(onsetAgeEntries),
  missingOnset: 0,
};

/** Both together. */
export function sumOfCounts(a: Counts, b: Counts): Counts {
  return {
    publish: sumOfEntries(a.publish, b.publish),
    teks: a.teks + b.teks,
    revisions: a.revisions + b.revisions,
    oldestTekDays: sumOfEntries(a.oldestTekDays, b.oldestTekDays),
    onsetAgeDays: sumOfEntries(a.onsetAgeDays, b.onsetAgeDays),
    missingOnset: a.missingOnset + b.missingOnset,
  };
}

/** How many publishes there were, on all platforms. */
export function publishCount({ publish }: Counts): number {
  return publish.reduce((sum, count) => sum + count, 0);
}

function sumOfEntries(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((count, index) => count + (b[index] ?? 0));
}
