import { keysAccepted, keysEmbargoed } from "../topology.js";
import type { PlacedTick } from "../view/ticks.js";
import type { TickLookUp } from "./window-ranges.js";

/** Valid ticks in both topics, as the view finds them. */
export function tickLookUp(ticks: readonly PlacedTick[]): TickLookUp {
  const sorted = ticks.toSorted((a, b) => a.boundarySeconds - b.boundarySeconds);
  const isIn = (topic: string, partition: number) => (tick: PlacedTick) =>
    tick.topic === topic && tick.partition === partition;
  return {
    firstFrom: (topic, partition, boundary) =>
      Promise.resolve(
        sorted.filter(isIn(topic, partition)).find(({ boundarySeconds }) => boundarySeconds >= boundary),
      ),
    lastUntil: (topic, partition, boundary) =>
      Promise.resolve(
        sorted.filter(isIn(topic, partition)).findLast(({ boundarySeconds }) => boundarySeconds <= boundary),
      ),
    lastAppendedUntil: (topic, partition, seconds) =>
      Promise.resolve(
        sorted
          .filter(isIn(topic, partition))
          .findLast(({ appendedAtSeconds }) => appendedAtSeconds <= seconds),
      ),
  };
}

/** The ticks of a boundary in every partition of both topics; `offsets` has one for each partition. */
export function ticksAt(
  boundarySeconds: number,
  offsets: readonly number[],
  appendedAtSeconds = boundarySeconds,
): PlacedTick[] {
  return [keysAccepted, keysEmbargoed].flatMap(({ topic }) =>
    offsets.map((offset, partition) => ({
      topic,
      partition,
      boundarySeconds,
      appendedAtSeconds,
      offset,
      partitions: offsets.length,
    })),
  );
}
