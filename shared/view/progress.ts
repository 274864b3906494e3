import type { Collection } from "mongodb";
import { available, type View } from "./connect-view.js";

interface ProgressDocument {
  readonly _id: number;
  readonly nextOffset: number;
}

/**
 * How far the view has come in each partition of keys.submitted. Written after the view's documents and before the
 * offset is committed, so it is never behind what is committed.
 */
export class Progress {
  readonly #collection: Collection<ProgressDocument>;

  constructor(view: View) {
    this.#collection = view.db.collection<ProgressDocument>("progress");
  }

  /** The next offset of `partition` that the view has not seen; undefined before the first. */
  async read(partition: number): Promise<number | undefined> {
    const found = await available(() => this.#collection.findOne({ _id: partition }));
    return found?.nextOffset;
  }

  /** All partitions at once. */
  async readAll(): Promise<ReadonlyMap<number, number>> {
    const all = await available(() => this.#collection.find().toArray());
    return new Map(all.map(({ _id, nextOffset }) => [_id, nextOffset]));
  }

  /** Moves forward, never back. */
  async advance(partition: number, nextOffset: number): Promise<void> {
    await available(() =>
      this.#collection.updateOne({ _id: partition }, { $max: { nextOffset } }, { upsert: true }),
    );
  }
}
