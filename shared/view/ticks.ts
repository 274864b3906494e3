import type { Collection } from "mongodb";
import { available, type View } from "./connect-view.js";
import { ensureTtl } from "./ensure-ttl.js";

/** A valid tick and where it lies. */
export interface PlacedTick {
  readonly topic: string;
  readonly partition: number;
  readonly boundarySeconds: number;
  readonly offset: number;
  /** The most partitions that any tick up to this one has told of. */
  readonly partitions: number;
}

interface TickDocument {
  readonly _id: string;
  readonly topic: string;
  readonly partition: number;
  readonly boundarySeconds: number;
  readonly offset: number;
  readonly partitions: number;
  readonly at: Date;
}

/** Where the boundaries lie in the log: a view of the ticks in keys.accepted and keys.embargoed. */
export class Ticks {
  readonly #collection: Collection<TickDocument>;

  constructor(view: View) {
    this.#collection = view.db.collection<TickDocument>("ticks");
  }

  async ensureIndexes(retentionSeconds: number): Promise<void> {
    await available(() =>
      this.#collection.createIndex({ topic: 1, partition: 1, boundarySeconds: 1 }, { unique: true }),
    );
    await ensureTtl(this.#collection, "at", retentionSeconds);
  }

  /** The last valid tick that was seen in a partition. */
  async last(topic: string, partition: number): Promise<PlacedTick | undefined> {
    return this.#one({ topic, partition }, -1);
  }

  /** The first valid tick of a partition. */
  async first(topic: string, partition: number): Promise<PlacedTick | undefined> {
    return this.#one({ topic, partition }, 1);
  }

  /** The first valid tick of a partition for this boundary or a later one. */
  async firstFrom(
    topic: string,
    partition: number,
    boundarySeconds: number,
  ): Promise<PlacedTick | undefined> {
    return this.#one({ topic, partition, boundarySeconds: { $gte: boundarySeconds } }, 1);
  }

  /** The last valid tick of a partition for this boundary or an earlier one. */
  async lastUntil(
    topic: string,
    partition: number,
    boundarySeconds: number,
  ): Promise<PlacedTick | undefined> {
    return this.#one({ topic, partition, boundarySeconds: { $lte: boundarySeconds } }, -1);
  }

  /** Adds ticks; one that is there already stays. */
  async add(ticks: readonly PlacedTick[]): Promise<void> {
    if (ticks.length === 0) return;
    const operations = ticks.map((tick) => {
      const _id = `${tick.topic}/${tick.partition}/${tick.boundarySeconds}`;
      const document = { ...tick, at: new Date(tick.boundarySeconds * 1000) };
      return { updateOne: { filter: { _id }, update: { $setOnInsert: document }, upsert: true } };
    });
    await available(() => this.#collection.bulkWrite(operations, { ordered: false }));
  }

  async #one(filter: object, direction: 1 | -1): Promise<PlacedTick | undefined> {
    const found = await available(() =>
      this.#collection.findOne(filter, {
        sort: { boundarySeconds: direction },
        projection: { _id: 0, at: 0 },
      }),
    );
    return found ?? undefined;
  }
}
