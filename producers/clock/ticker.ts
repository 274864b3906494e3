import { dueBoundaries } from "../../shared/exports/window.js";
import type { ClockEvents } from "./events.js";

// Reads   the export configurations, for their periods
// Writes  a tick for every boundary into every partition of keys.accepted and keys.embargoed
// On duplicate   the first tick for a boundary wins, so several clocks do no harm
// On outage      the tick is written again and again; of the boundaries missed meanwhile only the last is written,
//                for a tick closes every boundary before it
// On a clock that jumps   ahead: readers ignore ticks whose time has not come; back: what was written is forgotten, or
//                no tick would be written until the time that the clock had jumped to

export interface TickerOptions {
  /** Unix seconds, with fractions. */
  readonly nowSeconds: () => number;
  /** Periods of the export configurations, in seconds. */
  readonly periods: () => readonly number[];
  /** Writes the tick into every partition. */
  readonly writeTick: (boundarySeconds: number) => Promise<void>;
  readonly events: ClockEvents;
}

const retryPauseMs = 500;
/** Longest sleep, so that a new configuration with a shorter period is noticed in time. */
const sleepMsMax = 200;

export class Ticker {
  readonly #options: TickerOptions;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  #lastBoundarySeconds: number | undefined;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const boundary = this.#dueBoundary();
      if (boundary === undefined) await sleep(sleepMsMax / 2);
      else await this.#write(boundary);
    }
  }

  /** The last boundary that is due and was not written; at the start, the one of this moment. */
  #dueBoundary(): number | undefined {
    const now = this.#options.nowSeconds();
    if (this.#lastBoundarySeconds !== undefined && this.#lastBoundarySeconds > now)
      this.#lastBoundarySeconds = undefined;
    const after = this.#lastBoundarySeconds ?? now - 3600;
    // After a long sleep only the last day matters, and a list of every second of a year would not fit.
    return dueBoundaries(this.#options.periods(), Math.max(after, now - 86_400), now).at(-1);
  }

  async #write(boundarySeconds: number): Promise<void> {
    const { writeTick, events, nowSeconds } = this.#options;
    try {
      await writeTick(boundarySeconds);
      this.#lastBoundarySeconds = boundarySeconds;
      events.tickWritten(boundarySeconds, nowSeconds() - boundarySeconds);
    } catch (error) {
      events.tickFailed(boundarySeconds, error);
      await sleep(retryPauseMs);
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
