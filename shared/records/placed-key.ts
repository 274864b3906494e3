import type { StoredKey, StoredRevision } from "../keys/stored-key.js";
import type { LogPosition } from "../keys/token-content.js";

/** A stored key with, in keys.submitted, the records that made it: the same record handled again recognises its own work. */
export interface PlacedKey extends StoredKey {
  readonly insertedAt: LogPosition;
  readonly revision?: PlacedRevision;
}

export interface PlacedRevision extends StoredRevision {
  readonly revisedAt: LogPosition;
  /** The key's and those of the revising submission; absent where these add none. */
  readonly regions?: readonly string[];
}
