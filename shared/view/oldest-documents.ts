import { available, type View } from "./connect-view.js";

/** How a collection keeps to its TTL index. */
export interface CollectionAge {
  readonly collection: string;
  /** Undefined: documents stay, for they tell of no person. */
  readonly retentionSeconds: number | undefined;
  /** Unix seconds, by the field of the TTL index; undefined when there is none. */
  readonly oldestSeconds: number | undefined;
}

/** Looks how old the documents of each collection are. @throws {Unavailable} */
export async function oldestDocuments({ db }: View): Promise<readonly CollectionAge[]> {
  return available(async () => {
    const collections = await db.listCollections({}, { nameOnly: true }).toArray();
    const names = collections.map(({ name }) => name).toSorted();
    return Promise.all(
      names.map(async (name) => {
        const indexes = await db.collection(name).listIndexes().toArray();
        const ttl = indexes.find((index) => typeof index.expireAfterSeconds === "number");
        const [field] = Object.keys((ttl?.key ?? {}) as object);
        if (ttl === undefined || field === undefined)
          return { collection: name, retentionSeconds: undefined, oldestSeconds: undefined };
        const [oldest] = await db
          .collection(name)
          .find(
            { [field]: { $type: "date" } },
            { sort: { [field]: 1 }, limit: 1, projection: { [field]: 1 } },
          )
          .toArray();
        const at = oldest?.[field] as Date | undefined;
        return {
          collection: name,
          retentionSeconds: Number(ttl.expireAfterSeconds),
          oldestSeconds: at && at.getTime() / 1000,
        };
      }),
    );
  });
}
