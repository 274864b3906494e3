/** Headers that a download answers with. */
export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface StoredObject {
  readonly bytes: Buffer;
  /** Changes with every write of the object. */
  readonly tag: string;
}

/**
 * Where exports lie. Every write is conditional, so that of several writers exactly one wins and the others learn it.
 * All methods throw `Unavailable` when the store does not answer.
 */
export interface ObjectStore {
  /** The object, or undefined where there is none. */
  get(name: string): Promise<StoredObject | undefined>;
  /** Writes only where nothing is yet. */
  putIfAbsent(name: string, bytes: Uint8Array, headers: ObjectHeaders): Promise<"written" | "exists">;
  /** Writes only over the version with `tag`. */
  putIfUnchanged(
    name: string,
    bytes: Uint8Array,
    headers: ObjectHeaders,
    tag: string,
  ): Promise<"written" | "changed">;
  /** Removes what is there; nothing happens where nothing is. */
  remove(names: readonly string[]): Promise<void>;
  /** Names that start with `prefix`, sorted. */
  list(prefix: string): Promise<readonly string[]>;
  /** Resolves when the store takes requests. */
  ping(): Promise<void>;
}
