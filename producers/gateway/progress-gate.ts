import type { LogPosition } from "../../shared/keys/token-content.js";
import { Unavailable } from "../../shared/process/outcomes.js";

const pollPauseMs = 20;

/** Lets a request through once the view holds what its revision token points at. */
export class ProgressGate {
  readonly #readAll: () => Promise<ReadonlyMap<number, number>>;
  readonly #waitSecondsMax: number;
  #known: ReadonlyMap<number, number> = new Map();
  #polling: Promise<void> | undefined;

  constructor(readAll: () => Promise<ReadonlyMap<number, number>>, waitSecondsMax: number) {
    this.#readAll = readAll;
    this.#waitSecondsMax = waitSecondsMax;
  }

  /** @throws {Unavailable} when the view has not come so far in time. */
  async pass({ partition, offset }: LogPosition): Promise<void> {
    const deadline = performance.now() + this.#waitSecondsMax * 1000;
    while ((this.#known.get(partition) ?? 0) <= offset) {
      if (performance.now() > deadline) throw new Unavailable("the view lags behind the revision token");
      await this.#poll();
    }
  }

  /** All that wait share one poll. */
  #poll(): Promise<void> {
    this.#polling ??= this.#readSoon().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #readSoon(): Promise<void> {
    this.#known = await this.#readAll();
    await new Promise((resolve) => setTimeout(resolve, pollPauseMs));
  }
}
