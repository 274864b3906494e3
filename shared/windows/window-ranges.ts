import type { LogRange } from "../kafka/range-reader.js";
import type { TopicPartition } from "../kafka/topic-limits.js";
import type { ExportWindow } from "../exports/window.js";
import { keysAccepted, keysEmbargoed } from "../topology.js";
import type { PlacedTick } from "../view/ticks.js";

// Where a window lies in the log. The boundary T of a partition is its first valid tick for T or later: what was
// appended before it belongs to windows that end at T or earlier. If that tick came much too late, for no clock ran
// meanwhile, it is the last one that came in time, and what was appended since belongs to a later window. A partition that
// the ticks of T did not count yet, or whose first tick of all is for a later time, begins in the window after T, whole.
// So does the log itself in the window that its very first tick begins: gateways may run before any clock does.

/** Longest time between a record of keys.embargoed and the release of its keys: a day on air, one window, and room. */
export const embargoSecondsMax = 26 * 3600;

/**
 * Longest time between a boundary and its tick. A window holds nothing that was written later than this after its end:
 * it has room for keys that begin a day after its end, and no more.
 */
export const tickLateSecondsMax = 12 * 3600;

/** The parts of the tick view that are needed here. */
export interface TickLookUp {
  firstFrom(topic: string, partition: number, boundarySeconds: number): Promise<PlacedTick | undefined>;
  lastUntil(topic: string, partition: number, boundarySeconds: number): Promise<PlacedTick | undefined>;
  lastAppendedUntil(topic: string, partition: number, seconds: number): Promise<PlacedTick | undefined>;
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
    const start = await boundaryOf(ticks, topic, window.startSeconds);
    const end = await boundaryOf(ticks, topic, window.endSeconds);
    if (start === undefined || end === undefined) return { kind: "not-yet" };
    for (let partition = 0; partition < end.partitions; partition++) {
      const range = await partitionRange(ticks, topic, partition, { start, end });
      if (range === undefined) return { kind: "not-yet" };
      ranges.push(range);
    }
  }
  return { kind: "complete", ranges };
}

/** A boundary, as the ticks of partition 0 tell of it. */
interface Boundary {
  readonly seconds: number;
  readonly partitions: number;
  /** No tick came for an earlier one: everything that was written before any tick lies behind it. */
  readonly isFirst: boolean;
}

async function boundaryOf(ticks: TickLookUp, topic: string, seconds: number): Promise<Boundary | undefined> {
  const tick = await ticks.firstFrom(topic, 0, seconds);
  if (tick === undefined) return undefined;
  const isFirst = (await ticks.lastUntil(topic, 0, seconds - 1)) === undefined;
  return { seconds, partitions: tick.partitions, isFirst };
}

async function partitionRange(
  ticks: TickLookUp,
  topic: string,
  partition: number,
  { start, end }: { readonly start: Boundary; readonly end: Boundary },
): Promise<WindowRange | undefined> {
  const isNew = partition >= start.partitions;
  const endOffset = await positionOf(ticks, topic, partition, end);
  const windowStartOffset = isNew ? 0 : await positionOf(ticks, topic, partition, start);
  if (endOffset === undefined || windowStartOffset === undefined) return undefined;
  const startOffset =
    topic === keysEmbargoed.topic
      ? await embargoStart(ticks, partition, start.seconds, windowStartOffset)
      : windowStartOffset;
  return { topic, partition, startOffset, endOffset, windowStartOffset };
}

/**
 * The time (Unix seconds) at which windows see what lies behind the tick for `boundarySeconds`, or, if that is undefined,
 * before every tick of a log that is still whole: it is in the window that holds this time. Undefined while there is no
 * tick.
 */
export async function seenAtSeconds(
  ticks: Pick<TickLookUp, "firstFrom">,
  { topic, partition }: TopicPartition,
  boundarySeconds: number | undefined,
): Promise<number | undefined> {
  const firstOfLog = await ticks.firstFrom(topic, 0, 0);
  const next = await ticks.firstFrom(
    topic,
    partition,
    boundarySeconds === undefined ? 0 : boundarySeconds + 1,
  );
  if (next === undefined) return boundarySeconds;
  const behindSeconds = Math.max(
    boundarySeconds ?? next.boundarySeconds - 1,
    // Boundaries are those of partition 0, which may have missed a tick.
    firstOfLog?.boundarySeconds ?? 0,
  );
  return Math.max(behindSeconds, Math.ceil(next.appendedAtSeconds - tickLateSecondsMax) - 1);
}

/** Where a boundary lies in a partition; undefined while no tick tells. */
async function positionOf(
  ticks: TickLookUp,
  topic: string,
  partition: number,
  { seconds, isFirst }: Boundary,
): Promise<number | undefined> {
  const tick = await ticks.firstFrom(topic, partition, seconds);
  if (tick === undefined) return undefined;
  if (isFirst) return 0;
  const inTimeSeconds = seconds + tickLateSecondsMax;
  if (tick.appendedAtSeconds > inTimeSeconds)
    return (await ticks.lastAppendedUntil(topic, partition, inTimeSeconds))?.offset ?? 0;
  if (tick.boundarySeconds === seconds) return tick.offset;
  const isYoung = (await ticks.lastUntil(topic, partition, seconds)) === undefined;
  return isYoung ? 0 : tick.offset;
}

/**
 * From where keys may have been embargoed into this window: behind a tick that the broker took early enough. A tick's
 * boundary would not do: a clock that was asleep writes ticks long after it, behind records that are younger.
 */
async function embargoStart(
  ticks: TickLookUp,
  partition: number,
  windowStartSeconds: number,
  windowStartOffset: number,
): Promise<number> {
  const latestSeconds = windowStartSeconds - embargoSecondsMax;
  const before = await ticks.lastAppendedUntil(keysEmbargoed.topic, partition, latestSeconds);
  return Math.min(before?.offset ?? 0, windowStartOffset);
}
