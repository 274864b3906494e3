const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** A span of time, half-open, in Unix seconds. Its keys are those between the two ticks in every partition. */
export interface ExportWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** What decides an export configuration's next window. All times are Unix seconds. */
export interface NextWindowInput {
  /** Divides a day evenly. */
  readonly periodSeconds: number;
  /** The end of the configuration's last window; undefined when it has had none. */
  readonly lastEndSeconds: number | undefined;
  /** The earliest boundary that has a tick. */
  readonly firstTickSeconds: number;
  readonly fromSeconds: number;
  /** Undefined: no end. */
  readonly thruSeconds?: number | undefined;
}

/**
 * The window that follows, whether its time has come or not; undefined when it would end after `thruSeconds`.
 *
 * Windows follow each other without a gap or an overlap: each starts where the last one ended and ends at the next
 * multiple of the period, so that the first one after a change of the period may be shorter or longer than others. The
 * very first one is aligned at both ends, has a tick at both, and is the first of these to end after `fromSeconds`.
 *
 * Throws a RangeError for a period that does not divide a day.
 */
export function nextWindow(input: NextWindowInput): ExportWindow | undefined {
  const startSeconds = input.lastEndSeconds ?? firstStart(input);
  const endSeconds = boundaryAfter(input.periodSeconds, startSeconds);
  if (input.thruSeconds !== undefined && endSeconds > input.thruSeconds) return undefined;
  return { startSeconds, endSeconds };
}

function firstStart({ periodSeconds, firstTickSeconds, fromSeconds }: NextWindowInput): number {
  const firstAligned = boundaryAfter(periodSeconds, firstTickSeconds - 1);
  const containingFrom = boundaryAfter(periodSeconds, fromSeconds) - periodSeconds;
  return Math.max(firstAligned, containingFrom);
}

/** Whether a window is old enough to be built. That its end tick was read everywhere is another condition. */
export function isDue(window: ExportWindow, nowSeconds: number, minWindowAgeSeconds: number): boolean {
  return window.endSeconds + minWindowAgeSeconds <= nowSeconds;
}

/**
 * The boundaries for which the clock writes ticks, ascending: all multiples of the active configurations' periods, and
 * always the full hour, later than `afterSeconds` and not later than `untilSeconds`.
 *
 * Throws a RangeError for a period that does not divide a day.
 */
export function dueBoundaries(
  periods: readonly number[],
  afterSeconds: number,
  untilSeconds: number,
): number[] {
  const boundaries = new Set<number>();
  for (const periodSeconds of new Set([HOUR_SECONDS, ...periods])) {
    for (const boundary of alignedBoundaries(periodSeconds, afterSeconds, untilSeconds))
      boundaries.add(boundary);
  }
  return [...boundaries].sort((a, b) => a - b);
}

/** The multiples of a period later than `afterSeconds` and not later than `untilSeconds`, ascending. */
export function alignedBoundaries(
  periodSeconds: number,
  afterSeconds: number,
  untilSeconds: number,
): number[] {
  const boundaries: number[] = [];
  let boundary = boundaryAfter(periodSeconds, afterSeconds);
  for (; boundary <= untilSeconds; boundary += periodSeconds) boundaries.push(boundary);
  return boundaries;
}

/** Whether a period, in seconds, divides a day evenly; only then is it the same to count from midnight or the epoch. */
export function isPeriod(periodSeconds: number): boolean {
  return Number.isInteger(periodSeconds) && periodSeconds > 0 && DAY_SECONDS % periodSeconds === 0;
}

function boundaryAfter(periodSeconds: number, seconds: number): number {
  if (!isPeriod(periodSeconds))
    throw new RangeError(`a period of ${periodSeconds} seconds does not divide a day`);
  return (Math.floor(seconds / periodSeconds) + 1) * periodSeconds;
}
