import type { Collection } from "mongodb";
import { NeedsOperator, Unavailable } from "../process/outcomes.js";
import { available, type View } from "./connect-view.js";
import { isDuplicateKey } from "./is-duplicate-key.js";

// One replay of the keys at a time, and nobody decides while it swaps. Both are one document:
//
//   none ── acquire ──▶ folding ── hold ──▶ swapping ── end ──▶ none
//                         ▲──── release ──────┘
//
// It has to be renewed. Once it has expired it is over for good: whoever meets it first drops the collection that the
// replay was making, and only then the document. So a replay that was asleep and still means to swap finds nothing to
// swap in. The times are the database's.

interface LeaseDocument {
  readonly _id: string;
  readonly id: string;
  /** The collection that the replay makes. */
  readonly candidate: string;
  readonly stage: "folding" | "swapping";
  readonly until: Date;
}

const name = "replay";
const documentId = "keys";
const isOver = { $expr: { $lte: ["$until", "$$NOW"] } };
const isAlive = { $expr: { $gt: ["$until", "$$NOW"] } };

/** The lease as the replay holds it. */
export class ReplayLease {
  readonly #view: View;
  readonly #collection: Collection<LeaseDocument>;
  readonly #id: string;
  readonly #secondsMax: number;

  /** `secondsMax` after its last renewal it expires. */
  constructor(view: View, id: string, secondsMax: number) {
    this.#view = view;
    this.#collection = view.db.collection<LeaseDocument>(name);
    this.#id = id;
    this.#secondsMax = secondsMax;
  }

  /** @throws {NeedsOperator} while another replay has it. */
  async acquire(candidate: string): Promise<void> {
    await dropExpired(this.#view);
    try {
      const mine = { _id: documentId, id: this.#id };
      const update = [{ $set: { candidate, stage: "folding", until: this.#until() } }];
      await available(() => this.#collection.updateOne(mine, update, { upsert: true }));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw new NeedsOperator(
        `another replay of the store is running. Wait for its end; one that was killed is forgotten after ${this.#secondsMax} s.`,
      );
    }
  }

  /** @throws {NeedsOperator} when it has expired meanwhile. */
  async renew(): Promise<void> {
    await this.#set({});
  }

  /** From now on no key-store begins to decide anything. Errors as of `renew`. */
  async hold(): Promise<void> {
    await this.#set({ stage: "swapping" });
  }

  /** Lets the key-stores go on. Errors as of `renew`. */
  async release(): Promise<void> {
    await this.#set({ stage: "folding" });
  }

  /** Gives it back. */
  async end(): Promise<void> {
    await available(() => this.#collection.deleteOne({ _id: documentId, id: this.#id }));
  }

  async #set(change: { stage?: LeaseDocument["stage"] }): Promise<void> {
    const mine = { _id: documentId, id: this.#id, ...isAlive };
    const update = [{ $set: { ...change, until: this.#until() } }];
    const { matchedCount } = await available(() => this.#collection.updateOne(mine, update));
    if (matchedCount === 0)
      throw new NeedsOperator(
        `the replay was asleep for more than ${this.#secondsMax} s, and the key-stores went on without it. Nothing was changed; start it again.`,
      );
  }

  #until(): object {
    return { $add: ["$$NOW", this.#secondsMax * 1000] };
  }
}

/** Passes unless a replay swaps at the moment. @throws {Unavailable} */
export async function passReplay(view: View): Promise<void> {
  const collection = view.db.collection<LeaseDocument>(name);
  const swapping = { _id: documentId, stage: "swapping" as const };
  if ((await available(() => collection.findOne(swapping))) === null) return;
  await dropExpired(view);
  if ((await available(() => collection.findOne(swapping))) !== null)
    throw new Unavailable("a replay of the store swaps the keys");
}

async function dropExpired(view: View): Promise<void> {
  const collection = view.db.collection<LeaseDocument>(name);
  const expired = await available(() => collection.findOne({ _id: documentId, ...isOver }));
  if (expired === null) return;
  // First the collection: as long as the document is there, nobody decides anything that the swap could undo.
  await available(() => view.db.collection(expired.candidate).drop());
  await available(() => collection.deleteOne({ _id: documentId, id: expired.id }));
}
