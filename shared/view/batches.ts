import type { Collection } from "mongodb";
import { available, type View } from "./connect-view.js";
import { isDuplicateKey } from "./is-duplicate-key.js";
import type { ExportWindow } from "../exports/window.js";
import type { LogRange } from "../kafka/range-reader.js";

/** One file of a batch, as it lies in the object store. Hashes are lower-case hexadecimal. */
export interface BatchFile {
  readonly objectName: string;
  readonly exportBinSha256: string;
  readonly zipSha256: string;
  readonly keys: number;
  readonly revisedKeys: number;
  readonly signatures: readonly {
    readonly id: string;
    readonly version: string;
    readonly derBase64: string;
  }[];
}

/** A range that a window was built from, and where in it the window's own records begin. */
export interface BuiltRange extends LogRange {
  readonly windowStartOffset: number;
}

/**
 * The window of one export configuration on its way: `planned` (it exists and nothing of it lies anywhere), `built`
 * (every file is durable), `published` (the index lists the files, and exports.published tells of them).
 */
export interface Batch {
  readonly configurationId: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly settingsVersion: number;
  readonly filenameRoot: string;
  readonly state: "planned" | "built" | "published";
  readonly ranges: readonly BuiltRange[];
  readonly files: readonly BatchFile[];
  /** What built the files; absent while the batch is planned. */
  readonly builderVersion?: string;
  /** The window held keys, but too few: they are in the files of a later one. Absent while the batch is planned. */
  readonly held?: boolean;
  /** Where the content of the files begins: with the held windows before this one. Absent as above. */
  readonly contentStartSeconds?: number;
}

/** What building a window gave. */
export type BuiltParts = Required<
  Pick<Batch, "ranges" | "files" | "builderVersion" | "held" | "contentStartSeconds">
>;

interface BatchDocument extends Batch {
  readonly _id: string;
  /** The end of the window before, null for the very first: so that no two windows follow the same one. */
  readonly followsSeconds: number | null;
}

/** The batches of all configurations: a view that following the log again gives back. */
export class Batches {
  readonly #collection: Collection<BatchDocument>;

  constructor(view: View) {
    this.#collection = view.db.collection<BatchDocument>("batches");
  }

  async ensureIndexes(): Promise<void> {
    await available(() =>
      this.#collection.createIndex({ configurationId: 1, endSeconds: 1 }, { unique: true }),
    );
    await available(() => this.#collection.createIndex({ configurationId: 1, state: 1, endSeconds: 1 }));
    await available(() => this.#collection.createIndex({ endSeconds: 1, startSeconds: 1 }));
    await available(() =>
      this.#collection.createIndex(
        { configurationId: 1, followsSeconds: 1 },
        { unique: true, partialFilterExpression: { followsSeconds: { $exists: true } } },
      ),
    );
  }

  async get(configurationId: string, endSeconds: number): Promise<Batch | undefined> {
    return withoutId(
      await available(() => this.#collection.findOne({ _id: idOf({ configurationId, endSeconds }) })),
    );
  }

  /** The window of a configuration that holds a time: from its start to before its end. */
  async holding(configurationId: string, seconds: number): Promise<Batch | undefined> {
    const filter = { configurationId, startSeconds: { $lte: seconds }, endSeconds: { $gt: seconds } };
    return withoutId(await available(() => this.#collection.findOne(filter)));
  }

  /** The latest window of a configuration, in whatever state. */
  async last(configurationId: string): Promise<Batch | undefined> {
    return withoutId(
      await available(() => this.#collection.findOne({ configurationId }, { sort: { endSeconds: -1 } })),
    );
  }

  /** The first `max` windows of a configuration that are not published yet, oldest first. */
  async unpublished(configurationId: string, max: number): Promise<readonly Batch[]> {
    const filter = { configurationId, state: { $in: ["planned" as const, "built" as const] } };
    const found = await available(() =>
      this.#collection.find(filter).sort({ endSeconds: 1 }).limit(max).toArray(),
    );
    return found.flatMap((document) => withoutId(document) ?? []);
  }

  /** The batches of one window that are not published yet, whatever their configuration. */
  async unpublishedOf({ startSeconds, endSeconds }: ExportWindow): Promise<readonly Batch[]> {
    const filter = { endSeconds, startSeconds, state: { $in: ["planned" as const, "built" as const] } };
    const found = await available(() => this.#collection.find(filter).sort({ configurationId: 1 }).toArray());
    return found.flatMap((document) => withoutId(document) ?? []);
  }

  /**
   * Adds the window that follows the one that ended at `lastEndSeconds` (undefined: the very first). Where another
   * worker has planned what follows meanwhile, even with other settings, that stays.
   */
  async plan(batch: Batch, lastEndSeconds: number | undefined): Promise<void> {
    const document = { ...batch, followsSeconds: lastEndSeconds ?? null };
    await available(() =>
      this.#collection.updateOne({ _id: idOf(batch) }, { $setOnInsert: document }, { upsert: true }),
    ).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
  }

  /** Takes published batches as they are, one by one, in the place of what was known of them. */
  async restore(batches: readonly Batch[]): Promise<void> {
    if (batches.length === 0) return;
    const operations = batches.map((batch) => ({
      updateOne: { filter: { _id: idOf(batch) }, update: { $set: batch }, upsert: true },
    }));
    await available(() => this.#collection.bulkWrite(operations, { ordered: true }));
  }

  /** `planned` → `built`. */
  async markBuilt(batch: Batch, parts: BuiltParts): Promise<void> {
    const filter = { _id: idOf(batch), state: "planned" as const };
    await available(() => this.#collection.updateOne(filter, { $set: { ...parts, state: "built" } }));
  }

  /** `built` → `published`. */
  async markPublished(batch: Batch): Promise<void> {
    const filter = { _id: idOf(batch), state: "built" as const };
    await available(() => this.#collection.updateOne(filter, { $set: { state: "published" } }));
  }

  /**
   * Takes out the published windows of a configuration that ended before this time; gives their number. The last
   * published one stays: the next is planned from it, and may hold what it held.
   */
  async forget(configurationId: string, beforeSeconds: number): Promise<number> {
    const published = { configurationId, state: "published" as const };
    return available(async () => {
      const last = await this.#collection.findOne(published, { sort: { endSeconds: -1 } });
      const endSeconds = { $lt: Math.min(beforeSeconds, last?.endSeconds ?? 0) };
      return (await this.#collection.deleteMany({ ...published, endSeconds })).deletedCount;
    });
  }
}

function idOf({ configurationId, endSeconds }: Pick<Batch, "configurationId" | "endSeconds">): string {
  return `${configurationId}/${endSeconds}`;
}

function withoutId(document: BatchDocument | null): Batch | undefined {
  if (document === null) return undefined;
  const { _id, followsSeconds: _follows, ...batch } = document;
  return batch;
}
