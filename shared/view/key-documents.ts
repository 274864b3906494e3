import { Binary, type AnyBulkWriteOperation, type Collection } from "mongodb";
import { available, type View } from "./connect-view.js";
import { duplicatesOf } from "./duplicates-of.js";
import { ensureTtl } from "./ensure-ttl.js";
import { bufferOf, fromDocument, revisionToDocument, toDocument, type KeyDocument } from "./key-document.js";
import { tekId } from "../keys/admission.js";
import type { PlacedKey, PlacedRevision } from "../records/placed-key.js";

/** The collection that everybody reads and writes; a replay swaps another one in under this name. */
export const keysCollection = "keys";

export class KeyDocuments {
  readonly #collection: Collection<KeyDocument>;

  constructor(view: View) {
    this.#collection = view.db.collection<KeyDocument>(keysCollection);
  }

  /** Documents go `retentionSeconds` after their creation time. */
  async ensureIndexes(retentionSeconds: number): Promise<void> {
    await ensureTtl(this.#collection, "createdAt", retentionSeconds);
  }

  /** Those of `teks` that are stored, by `tekId`. */
  async find(teks: readonly Uint8Array[]): Promise<Map<string, PlacedKey>> {
    if (teks.length === 0) return new Map();
    const ids = teks.map((tek) => new Binary(tek));
    const found = await available(() => this.#collection.find({ _id: { $in: ids } }).toArray());
    return new Map(found.map((document) => [tekId(bufferOf(document._id)), fromDocument(document)]));
  }

  /** Inserts keys whose TEK is not stored yet; gives those that were there already. */
  async insertNew(keys: readonly PlacedKey[]): Promise<readonly PlacedKey[]> {
    if (keys.length === 0) return [];
    try {
      await available(() => this.#collection.insertMany(keys.map(toDocument), { ordered: false }));
      return [];
    } catch (error) {
      return duplicatesOf(error, keys);
    }
  }

  /** Writes each key's revision where none is written yet; gives those that another record has revised. */
  async revise(keys: readonly PlacedKey[]): Promise<readonly PlacedKey[]> {
    const updates = keys.flatMap((key): AnyBulkWriteOperation<KeyDocument>[] => {
      if (key.revision === undefined) return [];
      const filter = { _id: new Binary(key.tek), revision: { $exists: false } };
      return [{ updateOne: { filter, update: { $set: { revision: revisionToDocument(key.revision) } } } }];
    });
    if (updates.length === 0) return [];
    const { matchedCount } = await available(() => this.#collection.bulkWrite(updates, { ordered: false }));
    if (matchedCount === updates.length) return [];
    const stored = await this.find(keys.map(({ tek }) => tek));
    return keys.filter((key) => !samePosition(stored.get(tekId(key.tek))?.revision, key.revision));
  }
}

function samePosition(a: PlacedRevision | undefined, b: PlacedRevision | undefined): boolean {
  return a?.revisedAt.partition === b?.revisedAt.partition && a?.revisedAt.offset === b?.revisedAt.offset;
}
