import { Binary, type Collection } from "mongodb";
import { available, type View } from "./connect-view.js";
import { duplicatesOf } from "./duplicates-of.js";
import { ensureTtl } from "./ensure-ttl.js";

/** A submission that was decided: where it stands in keys.submitted, and what its phone was told. */
export interface DecidedSubmission {
  /** 16 bytes. */
  readonly identity: Buffer;
  readonly partition: number;
  readonly offset: number;
  readonly insertedExposures: number;
}

interface SubmissionDocument {
  readonly _id: Binary;
  readonly partition: number;
  readonly offset: number;
  readonly insertedExposures: number;
  readonly expireAt: Date;
}

/** Remembers decided submissions, so that a repeated request gets the first answer again and changes nothing. */
export class Submissions {
  readonly #collection: Collection<SubmissionDocument>;

  constructor(view: View) {
    this.#collection = view.db.collection<SubmissionDocument>("submissions");
  }

  async ensureIndexes(): Promise<void> {
    await ensureTtl(this.#collection, "expireAt", 0);
  }

  /** Those of `identities` that were decided, by identity in hex. */
  async find(identities: readonly Buffer[]): Promise<ReadonlyMap<string, DecidedSubmission>> {
    const ids = identities.map((identity) => new Binary(identity));
    const found = await available(() => this.#collection.find({ _id: { $in: ids } }).toArray());
    return new Map(
      found.map((document) => [Buffer.from(document._id.buffer).toString("hex"), fromDocument(document)]),
    );
  }

  /** Remembers; the first position of an identity stays. Gives those whose identity was there already. */
  async insertNew(
    submissions: readonly DecidedSubmission[],
    expireAt: Date,
  ): Promise<readonly DecidedSubmission[]> {
    if (submissions.length === 0) return [];
    const documents = submissions.map(({ identity, ...rest }) => ({
      _id: new Binary(identity),
      ...rest,
      expireAt,
    }));
    try {
      await available(() => this.#collection.insertMany(documents, { ordered: false }));
      return [];
    } catch (error) {
      return duplicatesOf(error, submissions);
    }
  }
}

function fromDocument({ _id, partition, offset, insertedExposures }: SubmissionDocument): DecidedSubmission {
  return { identity: Buffer.from(_id.buffer), partition, offset, insertedExposures };
}
