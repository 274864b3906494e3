import { BSON } from "mongodb";
import { available, type View } from "./connect-view.js";
import { bufferOf, type KeyDocument } from "./key-document.js";
import { keysCollection } from "./key-documents.js";

/** A key that the two collections don't have alike. Both are there, or one of them. */
export interface KeyDifference {
  readonly tek: Buffer;
  readonly live: KeyDocument | undefined;
  readonly replayed: KeyDocument | undefined;
  /** Names of the fields that differ, when both are there. */
  readonly fields: readonly string[];
}

/** Compares the keys in use with a replayed collection, byte by byte; counts the pairs that are equal. */
export async function* compareKeys(
  view: View,
  replayedName: string,
  onSame: () => void,
): AsyncGenerator<KeyDifference> {
  // The replayed ones were written without waiting for the majority.
  yield* differences(sorted(view, keysCollection, "majority"), sorted(view, replayedName, "local"), onSame);
}

async function* sorted(
  view: View,
  name: string,
  readConcern: "majority" | "local",
): AsyncGenerator<KeyDocument> {
  const options = { sort: { _id: 1 }, batchSize: 5000, readConcern } as const;
  const cursor = view.db.collection<KeyDocument>(name).find({}, options);
  try {
    for (;;) {
      const document = await available(() => cursor.next());
      if (document === null) return;
      yield document;
    }
  } finally {
    await cursor.close();
  }
}

/** Walks through two sequences that are sorted by TEK. */
export async function* differences(
  live: AsyncIterator<KeyDocument>,
  replayed: AsyncIterator<KeyDocument>,
  onSame: () => void,
): AsyncGenerator<KeyDifference> {
  let [left, right] = [await nextOf(live), await nextOf(replayed)];
  while (left !== undefined || right !== undefined) {
    const order = orderOf(left, right);
    if (left !== undefined && right !== undefined && order === 0) {
      const fields = differingFields(left, right);
      if (fields.length === 0) onSame();
      else yield { tek: tekOf(left), live: left, replayed: right, fields };
    } else if (left !== undefined && order < 0) {
      yield { tek: tekOf(left), live: left, replayed: undefined, fields: [] };
    } else if (right !== undefined) {
      yield { tek: tekOf(right), live: undefined, replayed: right, fields: [] };
    }
    if (order <= 0) left = await nextOf(live);
    if (order >= 0) right = await nextOf(replayed);
  }
}

async function nextOf(documents: AsyncIterator<KeyDocument>): Promise<KeyDocument | undefined> {
  const next = await documents.next();
  return next.done === true ? undefined : next.value;
}

function orderOf(left: KeyDocument | undefined, right: KeyDocument | undefined): number {
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  return tekOf(left).compare(tekOf(right));
}

function tekOf({ _id }: KeyDocument): Buffer {
  return bufferOf(_id);
}

function differingFields(left: KeyDocument, right: KeyDocument): readonly string[] {
  if (Buffer.compare(BSON.serialize(left), BSON.serialize(right)) === 0) return [];
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]) as ReadonlySet<keyof KeyDocument>;
  const differing = [...fields].filter(
    (field) =>
      Buffer.compare(BSON.serialize({ value: left[field] }), BSON.serialize({ value: right[field] })) !== 0,
  );
  return differing.length === 0 ? ["the order of its fields"] : differing;
}
