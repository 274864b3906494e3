import type { RevisionKeyRecord } from "./deployment.js";

/** When data keys of revision tokens come and go. Reference server facts, §9.5. */
export interface RotationRule {
  /** The newest is followed by another at this age. */
  readonly newKeySeconds: number;
  /** A key goes when the one that followed it has this age. */
  readonly deleteOldKeySeconds: number;
}

export interface DueRotation {
  /** Whether a new key is due. */
  readonly create: boolean;
  readonly retire: readonly RevisionKeyRecord[];
}

/** The keys that may still open tokens, oldest first. */
export function usableKeys(keys: Iterable<RevisionKeyRecord>): RevisionKeyRecord[] {
  return [...keys]
    .filter(({ retired }) => !retired)
    .toSorted((a, b) => a.createdAtSeconds - b.createdAtSeconds || Number(a.id) - Number(b.id));
}

/** What is due now: a new key, and keys to retire for good. */
export function dueRotation(
  keys: Iterable<RevisionKeyRecord>,
  nowSeconds: number,
  rule: RotationRule,
): DueRotation {
  const usable = usableKeys(keys);
  const newest = usable.at(-1);
  const create = newest === undefined || nowSeconds - newest.createdAtSeconds >= rule.newKeySeconds;
  const retire = usable.filter((_key, index) => {
    const next = usable[index + 1];
    return next !== undefined && nowSeconds - next.createdAtSeconds >= rule.deleteOldKeySeconds;
  });
  return { create, retire };
}

/** The record of a key that opens nothing any more: its secret is gone from the configuration. */
export function retiredKey({ id, createdAtSeconds }: RevisionKeyRecord) {
  return { id, createdAtSeconds, retired: true };
}
