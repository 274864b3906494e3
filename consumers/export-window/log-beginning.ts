import type { PartitionLimits } from "../../shared/kafka/topic-limits.js";
import type { PlacedTick } from "../../shared/view/ticks.js";

/** The parts of the tick view that are needed here. */
export interface FirstTicks {
  first(topic: string, partition: number): Promise<PlacedTick | undefined>;
}

/**
 * The earliest time (Unix seconds) at which a window can start, given where retention has left the start of each
 * partition. While nothing was deleted that is any time: a boundary before a partition's first tick lies at the start
 * of its log. After that it is the first tick that is left, the latest of all partitions, for each has been cut at
 * another time; undefined while one of them has not been read.
 */
export async function logBeginning(
  starts: readonly Omit<PartitionLimits, "high">[],
  ticks: FirstTicks,
): Promise<number | undefined> {
  let beginningSeconds = 0;
  for (const { topic, partition, low } of starts) {
    if (low === 0) continue;
    const tick = await ticks.first(topic, partition);
    if (tick === undefined) return undefined;
    beginningSeconds = Math.max(beginningSeconds, tick.boundarySeconds);
  }
  return beginningSeconds;
}
