import type { LogRange } from "../../shared/kafka/range-reader.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import type { PlacedTick } from "../../shared/view/ticks.js";

// Where a window lies in the log. The boundary T of a partition is its first valid tick for T or later: what was
// appended before it belongs to windows that end at T or earlier. A partition that the ticks of T did not count yet
// begins in the window after T, whole.

/** Longest time between a record of keys.embargoed and the release of its keys: a day on air, one window, and room. */
export const embargoSecondsMax = 26 * 3600;

/** The parts of the tick view that are needed here. */
export interface TickLookUp {
  firstFrom(topic: string, partition: number, boundarySeconds: number): Promise<PlacedTick | undefined>;
  lastUntil(topic: string, partition: number, boundarySeconds: number): Promise<PlacedTick | undefined>;
}

/** A range, and where in it the window's own records begin: what lies before was embargoed before the window. */
export interface WindowRange extends LogRange {
  readonly windowStartOffset: number;
}

export type WindowRanges =
  | { readonly kind: "complete"; readonly ranges: readonly WindowRange[] }
  /** The end tick has not been read in every partition. */
  | { readonly kind: "not-yet" };

/** The ranges of a window in every partition of both topics. */
export async function windowRanges(window: ExportWindow, ticks: TickLookUp): Promise<WindowRanges> {
  const ranges: WindowRange[] = [];
  for (const { topic } of [keysAccepted, keysEmbargoed]) {
    const endCount = await partitionsAt(ticks, topic, window.endSeconds);
    const startCount = await partitionsAt(ticks, topic, window.startSeconds);
    if (endCount === undefined || startCount === undefined) return { kind: "not-yet" };
    for (let partition = 0; partition < endCount; partition++) {
      const isNew = partition >= startCount;
      const range = await partitionRange(window, ticks, { topic, partition, isNew });
      if (range === undefined) return { kind: "not-yet" };
      ranges.push(range);
    }
  }
  return { kind: "complete", ranges };
}

async function partitionsAt(
  ticks: TickLookUp,
  topic: string,
  boundarySeconds: number,
): Promise<number | undefined> {
  return (await ticks.firstFrom(topic, 0, boundarySeconds))?.partitions;
}

async function partitionRange(
  { startSeconds, endSeconds }: ExportWindow,
  ticks: TickLookUp,
  { topic, partition, isNew }: { topic: string; partition: number; isNew: boolean },
): Promise<WindowRange | undefined> {
  const end = await ticks.firstFrom(topic, partition, endSeconds);
  const start = isNew ? undefined : await ticks.firstFrom(topic, partition, startSeconds);
  if (end === undefined || (!isNew && start === undefined)) return undefined;
  const windowStartOffset = start?.offset ?? 0;
  const startOffset =
    topic === keysEmbargoed.topic && !isNew
      ? await embargoStart(ticks, partition, startSeconds, windowStartOffset)
      : windowStartOffset;
  return { topic, partition, startOffset, endOffset: end.offset, windowStartOffset };
}

/** From where keys may have been embargoed into this window. */
async function embargoStart(
  ticks: TickLookUp,
  partition: number,
  windowStartSeconds: number,
  windowStartOffset: number,
): Promise<number> {
  const before = await ticks.lastUntil(
    keysEmbargoed.topic,
    partition,
    windowStartSeconds - embargoSecondsMax,
  );
  return Math.min(before?.offset ?? 0, windowStartOffset);
}
