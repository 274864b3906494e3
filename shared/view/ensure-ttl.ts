import type { Collection, Document } from "mongodb";
import { available } from "./connect-view.js";

/** Makes the TTL index on `field`, or changes its time where it exists with another one. */
export async function ensureTtl<Schema extends Document>(
  collection: Collection<Schema>,
  field: string,
  expireAfterSeconds: number,
): Promise<void> {
  await available(async () => {
    const name = `${field}_ttl`;
    const indexes = await collection
      .listIndexes()
      .toArray()
      .catch(() => []);
    const existing = indexes.find((index) => index.name === name);
    if (existing === undefined) {
      await collection.createIndex({ [field]: 1 }, { name, expireAfterSeconds });
    } else if (existing.expireAfterSeconds !== expireAfterSeconds) {
      const index = { name, expireAfterSeconds };
      await collection.db.command({ collMod: collection.collectionName, index });
    }
  });
}
