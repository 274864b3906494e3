import { Binary } from "mongodb";
import type { View } from "../../shared/view/connect-view.js";
import { keysCollection } from "../../shared/view/key-documents.js";

/** Little beside the second that is allowed: each look costs MongoDB something. */
const pollPauseMs = 25;
const arrivalSecondsMax = 60;

/** Watches when keys arrive in the view. */
export class ViewArrivals {
  readonly #view: View;
  readonly #waiting = new Map<string, { readonly tek: Buffer; readonly sinceMs: number }>();
  readonly #latenciesMs: number[] = [];
  #stopped = false;
  readonly #polling: Promise<void>;

  constructor(view: View) {
    this.#view = view;
    this.#polling = this.#poll();
  }

  /** A key that should come; its latency counts from `sinceMs`, by `performance.now()`. */
  expect(tek: Buffer, sinceMs: number): void {
    this.#waiting.set(tek.toString("hex"), { tek, sinceMs });
  }

  /** Waits for what is still to come, and gives all latencies in milliseconds, shortest first. */
  async finish(): Promise<Float64Array> {
    this.#stopped = true;
    await this.#polling;
    return Float64Array.from(this.#latenciesMs).sort();
  }

  async #poll(): Promise<void> {
    let patienceEndsAtMs = Number.POSITIVE_INFINITY;
    while (!this.#stopped || this.#waiting.size > 0) {
      await this.#look();
      if (this.#stopped)
        patienceEndsAtMs = Math.min(patienceEndsAtMs, performance.now() + arrivalSecondsMax * 1000);
      if (performance.now() > patienceEndsAtMs)
        throw new Error(`${this.#waiting.size} keys are not in the view after ${arrivalSecondsMax} s`);
      await new Promise((resolve) => setTimeout(resolve, pollPauseMs));
    }
  }

  async #look(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const wanted = [...this.#waiting.values()].map(({ tek }) => new Binary(tek));
    const found = await this.#view.db
      .collection<{ _id: Binary }>(keysCollection)
      .find({ _id: { $in: wanted } }, { projection: { _id: 1 } })
      .toArray();
    const nowMs = performance.now();
    for (const { _id } of found) {
      const id = Buffer.from(_id.buffer).toString("hex");
      this.#latenciesMs.push(nowMs - (this.#waiting.get(id)?.sinceMs ?? nowMs));
      this.#waiting.delete(id);
    }
  }
}
