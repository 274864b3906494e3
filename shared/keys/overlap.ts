interface Interval {
  readonly rollingStartIntervalNumber: number;
  readonly rollingPeriod: number;
}

/**
 * Says how keys, sorted by start and period, overlap where they must not, or undefined. Keys may share a start, up to
 * `keysPerStartMax` of them; otherwise a key starts at or after the end of the one before (reference server facts, §2.3).
 */
export function findOverlap(keys: readonly Interval[], keysPerStartMax: number): string | undefined {
  return findUnalignedOverlap(keys) ?? findCrowdedStart(keys, keysPerStartMax);
}

function findUnalignedOverlap(keys: readonly Interval[]): string | undefined {
  let start = Number.NEGATIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const key of keys) {
    const next = key.rollingStartIntervalNumber;
    if (next !== start && next < end) {
      return `exposure keys have non aligned overlapping intervals. ${next} overlaps with previous key that is good from ${start} to ${end}.`;
    }
    start = next;
    end = next + key.rollingPeriod;
  }
  return undefined;
}

function findCrowdedStart(keys: readonly Interval[], keysPerStartMax: number): string | undefined {
  const counts = new Map<number, number>();
  for (const { rollingStartIntervalNumber: start } of keys) counts.set(start, (counts.get(start) ?? 0) + 1);
  for (const [start, count] of counts) {
    if (count > keysPerStartMax) {
      return `too many overlapping keys for start interval: ${start} want: <= ${keysPerStartMax}, got: ${count}`;
    }
  }
  return undefined;
}
