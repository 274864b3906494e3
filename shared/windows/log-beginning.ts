import { defaultTopicSettings } from "../kafka/provision-topics.js";
import type { PartitionLimits } from "../kafka/topic-limits.js";
import { keysEmbargoed } from "../topology.js";
import type { PlacedTick } from "../view/ticks.js";
import { embargoSecondsMax } from "./window-ranges.js";

/** The parts of the tick view that are needed here. */
export interface FirstTicks {
  first(topic: string, partition: number, fromOffset: number): Promise<PlacedTick | undefined>;
}

/** Retention goes on while windows are built. */
const roomSeconds = 3600;

/**
 * How long MongoDB keeps ticks: longer than the log keeps what lies between them, for a window that has been planned needs
 * the tick before it until it is built, and no clock may have run before that one for a day.
 */
export const ticksKeptSeconds = defaultTopicSettings.keysRetentionSeconds + 2 * 86_400;

/**
 * The earliest time (Unix seconds) at which a window can start, given where retention has left the start of each
 * partition. While nothing was deleted that is any time for which MongoDB surely has all ticks: a boundary that no tick
 * came before lies at the start of the log. After that the first tick that is left must be behind it, and of keys.embargoed so far that all keys are
 * there that may leave in the window; the latest of all partitions counts, for each has been cut at another time.
 * Undefined while one of them has not been read. `tickedUntilSeconds` is the last boundary in the log: a process whose own clock has
 * jumped ahead would leave out windows.
 */
export async function logBeginning(
  starts: readonly Omit<PartitionLimits, "high">[],
  ticks: FirstTicks,
  tickedUntilSeconds: number,
): Promise<number | undefined> {
  const ticksSinceSeconds = Math.ceil(tickedUntilSeconds - defaultTopicSettings.keysRetentionSeconds);
  let beginningSeconds = Math.max(0, ticksSinceSeconds + roomSeconds);
  for (const { topic, partition, low } of starts) {
    if (low === 0) continue;
    const tick = await ticks.first(topic, partition, low);
    if (tick === undefined) return undefined;
    const heldSeconds = topic === keysEmbargoed.topic ? embargoSecondsMax : 0;
    const wholeSeconds = Math.ceil(Math.max(tick.boundarySeconds, tick.appendedAtSeconds));
    beginningSeconds = Math.max(beginningSeconds, wholeSeconds + roomSeconds + heldSeconds);
  }
  return beginningSeconds;
}
