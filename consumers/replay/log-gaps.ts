import { partitionKey, type PartitionLimits } from "../../shared/kafka/topic-limits.js";
import { keysEmbargoed } from "../../shared/topology.js";

/** Longest time between a record of keys.embargoed and the release of its keys: a day on air, one window, and room. */
const embargoSecondsMax = 26 * 3600;

/**
 * Partitions whose log no longer reaches back to the oldest keys that the view has to hold. `firstSeconds` tells when
 * the log took the first record that is left of each (unix seconds).
 */
export function logGaps(
  limits: readonly PartitionLimits[],
  firstSeconds: ReadonlyMap<string, number>,
  keptFromSeconds: number,
): readonly string[] {
  return limits
    .filter(({ low }) => low > 0)
    .flatMap((limit) => {
      const neededSeconds = keptFromSeconds - (limit.topic === keysEmbargoed.topic ? embargoSecondsMax : 0);
      const first = firstSeconds.get(partitionKey(limit));
      return first !== undefined && first <= neededSeconds ? [] : [partitionKey(limit)];
    });
}
