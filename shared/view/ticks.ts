import type { Collection } from "mongodb";
import { available, type View } from "./connect-view.js";
import { ensureTtl } from "./ensure-ttl.js";
import { isDuplicateKey } from "./is-duplicate-key.js";

/** A valid tick and where it lies. */
export interface PlacedTick {
  readonly topic: string;
  readonly partition: number;
  readonly boundarySeconds: number;
  /** When the broker took it, which may be long after its boundary. */
  readonly appendedAtSeconds: number;
  readonly offset: number;
  /** The most partitions that any tick up to this one has told of. */
  readonly partitions: number;
}

interface TickDocument extends PlacedTick {
  readonly _id: string;
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
    await available(() => this.#collection.createIndex({ topic: 1, partition: 1, appendedAtSeconds: 1 }));
    await ensureTtl(this.#collection, "at", retentionSeconds);
  }

  /** The last valid tick that was seen in a partition. */
  async last(topic: string, partition: number): Promise<PlacedTick | undefined> {
    return this.#one({ topic, partition }, { boundarySeconds: -1 });
  }

  /** The first valid tick of a partition at this offset or a later one. */
  async first(topic: string, partition: number, fromOffset: number): Promise<PlacedTick | undefined> {
    return this.#one({ topic, partition, offset: { $gte: fromOffset } }, { boundarySeconds: 1 });
  }

  /** The first valid tick of a partition for this boundary or a later one. */
  async firstFrom(
    topic: string,
    partition: number,
    boundarySeconds: number,
  ): Promise<PlacedTick | undefined> {
    return this.#one(
      { topic, partition, boundarySeconds: { $gte: boundarySeconds } },
      { boundarySeconds: 1 },
    );
  }

  /** The last valid tick of a partition for this boundary or an earlier one. */
  async lastUntil(
    topic: string,
    partition: number,
    boundarySeconds: number,
  ): Promise<PlacedTick | undefined> {
    return this.#one(
      { topic, partition, boundarySeconds: { $lte: boundarySeconds } },
      { boundarySeconds: -1 },
    );
  }

  /** The last valid tick of a partition that the broker took at this time or earlier. */
  async lastAppendedUntil(
    topic: string,
    partition: number,
    seconds: number,
  ): Promise<PlacedTick | undefined> {
    return this.#one(
      { topic, partition, appendedAtSeconds: { $lte: seconds } },
      { appendedAtSeconds: -1, boundarySeconds: -1 },
    );
  }

  /**
   * Adds ticks of a partition in their order; one that is there already stays. None is seen before those in front of
   * it: a reader would take the later one for the boundary of the earlier.
   */
  async add(ticks: readonly PlacedTick[]): Promise<void> {
    if (ticks.length === 0) return;
    const operations = ticks.map((tick) => {
      const _id = `${tick.topic}/${tick.partition}/${tick.boundarySeconds}`;
      const document = { ...tick, at: new Date(tick.boundarySeconds * 1000) };
      return { updateOne: { filter: { _id }, update: { $setOnInsert: document }, upsert: true } };
    });
    const write = () => available(() => this.#collection.bulkWrite(operations, { ordered: true }));
    // Another process that adds the same tick at the same moment ends an ordered write in its middle.
    await write().catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
      return write();
    });
  }

  async #one(
    filter: object,
    sort: Partial<Record<"boundarySeconds" | "appendedAtSeconds", 1 | -1>>,
  ): Promise<PlacedTick | undefined> {
    const found = await available(() =>
      this.#collection.findOne(filter, {
        sort,
        projection: { _id: 0, at: 0 },
      }),
    );
    return found ?? undefined;
  }
}
