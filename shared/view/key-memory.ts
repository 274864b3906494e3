import { createHmac, type KeyObject } from "node:crypto";
import { Binary, type Collection } from "mongodb";
import { tekId } from "../keys/admission.js";
import type { KeyIntervals } from "../keys/judge-key.js";
import {
  knownUntilSeconds,
  mayHaveLostDocument,
  outlivesDocument,
  type MemoryRule,
} from "../keys/memory-rule.js";
import type { LogPosition } from "../keys/token-content.js";
import type { PlacedKey } from "../records/placed-key.js";
import { available, type View } from "./connect-view.js";
import { ensureTtl } from "./ensure-ttl.js";
import { duplicatesOf } from "./duplicates-of.js";

interface MemoryDocument {
  /** A keyed hash of the TEK, which is not stored. */
  readonly _id: Binary;
  /** Of the record that inserted the key: handled again, it recognises its own work. */
  readonly insertedAt: LogPosition;
  readonly expireAt: Date;
}

const hashBytes = 16;

/**
 * Remembers those TEKs that could come again after their document is gone; memory-rule.ts says which. A view of
 * keys.accepted and keys.embargoed like the documents: every inserted key, put to `remember`, gives it back.
 */
export class KeyMemory {
  readonly #collection: Collection<MemoryDocument>;
  readonly #hashKey: KeyObject;
  readonly #rule: MemoryRule;

  /** `hashKey` is derived from the master key: without it nobody can tell whether a TEK is remembered. */
  constructor(view: View, hashKey: KeyObject, rule: MemoryRule) {
    this.#collection = view.db.collection<MemoryDocument>("keyMemory");
    this.#hashKey = hashKey;
    this.#rule = rule;
  }

  async ensureIndexes(): Promise<void> {
    await ensureTtl(this.#collection, "expireAt", 0);
  }

  /** Remembers those of newly inserted keys that outlive their document. What is remembered already stays. */
  async remember(keys: readonly PlacedKey[]): Promise<void> {
    const documents = keys
      .filter((key) => outlivesDocument(key, this.#rule))
      .map((key) => ({
        _id: this.#hashOf(key.tek),
        insertedAt: key.insertedAt,
        expireAt: new Date(knownUntilSeconds(key, this.#rule) * 1000),
      }));
    if (documents.length === 0) return;
    try {
      await available(() => this.#collection.insertMany(documents, { ordered: false }));
    } catch (error) {
      duplicatesOf(error, documents);
    }
  }

  /**
   * Those of `keys` that came before and may have lost their document, by `tekId`, with the record that inserted them.
   * Asks the database only about keys that are old enough for that.
   */
  async find(
    keys: readonly (KeyIntervals & { readonly tek: Buffer })[],
    nowSeconds: number,
  ): Promise<ReadonlyMap<string, LogPosition>> {
    const old = keys.filter((key) => mayHaveLostDocument(key, nowSeconds, this.#rule));
    if (old.length === 0) return new Map();
    const ids = new Map(old.map(({ tek }) => [this.#hashOf(tek).toString("hex"), tekId(tek)]));
    const wanted = { _id: { $in: old.map(({ tek }) => this.#hashOf(tek)) } };
    const found = await available(() => this.#collection.find(wanted).toArray());
    return new Map(
      found.flatMap(({ _id, insertedAt }) => {
        const id = ids.get(_id.toString("hex"));
        return id === undefined ? [] : [[id, insertedAt] as const];
      }),
    );
  }

  #hashOf(tek: Buffer): Binary {
    return new Binary(createHmac("sha256", this.#hashKey).update(tek).digest().subarray(0, hashBytes));
  }
}
