import type { AnyBulkWriteOperation, Collection } from "mongodb";
import type { PlacedKey } from "../records/placed-key.js";
import { available, type View } from "./connect-view.js";
import { duplicatesOf } from "./duplicates-of.js";
import { ensureTtl } from "./ensure-ttl.js";
import { toDocument, type KeyDocument } from "./key-document.js";
import { keysCollection } from "./key-documents.js";

const namePrefix = "keys.replayed-";
const attemptsMax = 5;
/** The whole is made durable by the swap, which waits for the majority. */
const unconfirmed = { ordered: false, writeConcern: { w: 1 } } as const;

/** A collection of keys that is made anew beside the one in use. Keys may come in any order, and more than once. */
export class ReplayedKeys {
  readonly name: string;
  readonly #view: View;
  readonly #collection: Collection<KeyDocument>;

  constructor(view: View, id: string) {
    this.name = `${namePrefix}${id}`;
    this.#view = view;
    this.#collection = view.db.collection<KeyDocument>(this.name, { writeConcern: { w: 1 } });
  }

  /** With the index first: what a replay that was killed leaves behind goes at its time, too. */
  async create(retentionSeconds: number): Promise<void> {
    await ensureTtl(this.#collection, "createdAt", retentionSeconds);
  }

  /** Adds keys as they were inserted; one that is there already stays, for it may be revised. */
  async addInserted(keys: readonly PlacedKey[]): Promise<void> {
    if (keys.length === 0) return;
    const documents = keys.map(toDocument);
    try {
      await available(() => this.#collection.insertMany(documents, unconfirmed));
    } catch (error) {
      duplicatesOf(error, documents);
    }
  }

  /** Puts revised keys, which are whole, in the place of the same keys before. */
  async putRevised(keys: readonly PlacedKey[]): Promise<void> {
    let operations = keys.map(toDocument).map((replacement): AnyBulkWriteOperation<KeyDocument> => {
      const { _id, ...rest } = replacement;
      return { replaceOne: { filter: { _id }, replacement: rest, upsert: true } };
    });
    for (let attempt = 1; operations.length > 0; attempt++) {
      try {
        await available(() => this.#collection.bulkWrite(operations, unconfirmed));
        return;
      } catch (error) {
        // The same key was inserted at the same moment: it is there now.
        if (attempt === attemptsMax) throw error;
        operations = [...duplicatesOf(error, operations)];
      }
    }
  }

  /** Takes the place of the keys in use, at once and for all readers. Fails when the collection is no longer there. */
  async swapIn(): Promise<void> {
    await available(() =>
      this.#collection.rename(keysCollection, { dropTarget: true, writeConcern: { w: "majority", j: true } }),
    );
  }

  async drop(): Promise<void> {
    await available(() => this.#view.db.collection(this.name).drop());
  }
}

/** Drops what replays before this one have left. Only for the owner of the lease. */
export async function dropLeftovers(view: View): Promise<void> {
  const found = await available(() => view.db.listCollections({}, { nameOnly: true }).toArray());
  for (const { name } of found.filter(({ name }) => name.startsWith(namePrefix)))
    await available(() => view.db.collection(name).drop());
}

/** How long documents stay by the index of the keys in use; undefined when there is none. */
export async function retentionInUse(view: View): Promise<number | undefined> {
  const indexes = await available(() => view.db.collection(keysCollection).listIndexes().toArray()).catch(
    () => [],
  );
  const found: unknown = indexes.find((index) => index.name === "createdAt_ttl")?.expireAfterSeconds;
  return typeof found === "number" ? found : undefined;
}
