import { randomBytes, randomInt, type KeyObject } from "node:crypto";
import { unwrap, wrap } from "./wrap.js";

const secretBytes = 32;

/** A new data key of revision tokens, wrapped for storage. */
export interface NewRevisionKey {
  readonly id: string;
  readonly createdAtSeconds: number;
  readonly wrappedKey: Buffer;
}

/**
 * Makes a data key. Tokens name their key by a decimal number, as the reference server's do: the time, and something
 * random behind it, for two processes may make one at the same moment.
 */
export function createRevisionKey(wrappingKey: KeyObject, nowSeconds: number): NewRevisionKey {
  const id = `${Math.floor(nowSeconds * 1000)}${String(randomInt(1000)).padStart(3, "0")}`;
  const wrappedKey = wrap(wrappingKey, randomBytes(secretBytes), contextOf(id));
  return { id, createdAtSeconds: Math.floor(nowSeconds), wrappedKey };
}

/** The secret of a stored data key. */
export function openRevisionKey(
  wrappingKey: KeyObject,
  { id, wrappedKey }: Pick<NewRevisionKey, "id" | "wrappedKey">,
): Buffer {
  return unwrap(wrappingKey, wrappedKey, contextOf(id));
}

function contextOf(id: string): string {
  return `revision-key/${id}`;
}
