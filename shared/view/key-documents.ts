import { Binary, type AnyBulkWriteOperation, type Collection } from "mongodb";
import type { StoredKey, StoredRevision } from "../keys/stored-key.js";
import { available, type View } from "./connect-view.js";
import { duplicatesOf } from "./duplicates-of.js";
import { ensureTtl } from "./ensure-ttl.js";
import { tekId } from "../keys/admission.js";
import type { LogPosition } from "../keys/token-content.js";
import type { PlacedKey, PlacedRevision } from "../records/placed-key.js";

/** One document for each TEK. Created as a view of keys.accepted and keys.embargoed. */
interface KeyDocument {
  readonly _id: Binary;
  readonly rollingStartIntervalNumber: number;
  readonly rollingPeriod: number;
  readonly reportType: string;
  readonly transmissionRisk: number;
  readonly daysSinceOnset: number | null;
  readonly app: string;
  readonly healthAuthorityId: string;
  readonly regions: readonly string[];
  readonly traveler: boolean;
  readonly provenance: string;
  /** Truncated to the window, or the release time of an embargoed key. */
  readonly createdAt: Date;
  readonly insertedBy: Binary;
  readonly insertedAt: LogPosition;
  readonly revision?: RevisionDocument;
}

interface RevisionDocument {
  readonly reportType: string;
  readonly transmissionRisk: number;
  readonly daysSinceOnset: number | null;
  readonly healthAuthorityId: string;
  readonly revisedAtTime: Date;
  readonly revisedBy: Binary;
  readonly revisedAt: LogPosition;
  readonly regions?: readonly string[];
}

export class KeyDocuments {
  readonly #collection: Collection<KeyDocument>;

  constructor(view: View) {
    this.#collection = view.db.collection<KeyDocument>("keys");
  }

  /** Documents go `retentionSeconds` after their creation time. */
  async ensureIndexes(retentionSeconds: number): Promise<void> {
    await ensureTtl(this.#collection, "createdAt", retentionSeconds);
  }

  /** Those of `teks` that are stored, by `tekId`. */
  async find(teks: readonly Uint8Array[]): Promise<Map<string, PlacedKey>> {
    if (teks.length === 0) return new Map();
    const ids = teks.map((tek) => new Binary(tek));
    const found = await available(() => this.#collection.find({ _id: { $in: ids } }).toArray());
    return new Map(found.map((document) => [tekId(bufferOf(document._id)), fromDocument(document)]));
  }

  /** Inserts keys whose TEK is not stored yet; gives those that were there already. */
  async insertNew(keys: readonly PlacedKey[]): Promise<readonly PlacedKey[]> {
    if (keys.length === 0) return [];
    try {
      await available(() => this.#collection.insertMany(keys.map(toDocument), { ordered: false }));
      return [];
    } catch (error) {
      return duplicatesOf(error, keys);
    }
  }

  /** Writes each key's revision where none is written yet; gives those that another record has revised. */
  async revise(keys: readonly PlacedKey[]): Promise<readonly PlacedKey[]> {
    const updates = keys.flatMap((key): AnyBulkWriteOperation<KeyDocument>[] => {
      if (key.revision === undefined) return [];
      const filter = { _id: new Binary(key.tek), revision: { $exists: false } };
      return [{ updateOne: { filter, update: { $set: { revision: revisionToDocument(key.revision) } } } }];
    });
    if (updates.length === 0) return [];
    const { matchedCount } = await available(() => this.#collection.bulkWrite(updates, { ordered: false }));
    if (matchedCount === updates.length) return [];
    const stored = await this.find(keys.map(({ tek }) => tek));
    return keys.filter((key) => !samePosition(stored.get(tekId(key.tek))?.revision, key.revision));
  }
}

function samePosition(a: PlacedRevision | undefined, b: PlacedRevision | undefined): boolean {
  return a?.revisedAt.partition === b?.revisedAt.partition && a?.revisedAt.offset === b?.revisedAt.offset;
}

function bufferOf(binary: Binary): Buffer {
  return Buffer.from(binary.buffer.buffer, binary.buffer.byteOffset, binary.length());
}

function toDocument(key: PlacedKey): KeyDocument {
  return {
    _id: new Binary(key.tek),
    rollingStartIntervalNumber: key.rollingStartIntervalNumber,
    rollingPeriod: key.rollingPeriod,
    reportType: key.reportType,
    transmissionRisk: key.transmissionRisk,
    daysSinceOnset: key.daysSinceOnset ?? null,
    app: key.app,
    healthAuthorityId: key.healthAuthorityId ?? "",
    regions: key.regions,
    traveler: key.traveler,
    provenance: key.provenance,
    createdAt: new Date(key.createdAtSeconds * 1000),
    insertedBy: new Binary(key.insertedBy),
    insertedAt: key.insertedAt,
    ...(key.revision === undefined ? {} : { revision: revisionToDocument(key.revision) }),
  };
}

function revisionToDocument(revision: PlacedRevision): RevisionDocument {
  return {
    reportType: revision.reportType,
    transmissionRisk: revision.transmissionRisk,
    daysSinceOnset: revision.daysSinceOnset ?? null,
    healthAuthorityId: revision.healthAuthorityId ?? "",
    revisedAtTime: new Date(revision.revisedAtSeconds * 1000),
    revisedBy: new Binary(revision.revisedBy),
    revisedAt: revision.revisedAt,
    ...(revision.regions === undefined ? {} : { regions: revision.regions }),
  };
}

function fromDocument(document: KeyDocument): PlacedKey {
  return {
    tek: bufferOf(document._id),
    rollingStartIntervalNumber: document.rollingStartIntervalNumber,
    rollingPeriod: document.rollingPeriod,
    reportType: document.reportType as StoredKey["reportType"],
    transmissionRisk: document.transmissionRisk,
    ...(document.daysSinceOnset === null ? {} : { daysSinceOnset: document.daysSinceOnset }),
    app: document.app,
    ...(document.healthAuthorityId === "" ? {} : { healthAuthorityId: document.healthAuthorityId }),
    regions: document.regions,
    traveler: document.traveler,
    provenance: document.provenance as StoredKey["provenance"],
    createdAtSeconds: document.createdAt.getTime() / 1000,
    insertedBy: bufferOf(document.insertedBy),
    insertedAt: document.insertedAt,
    ...(document.revision === undefined ? {} : { revision: revisionFromDocument(document.revision) }),
  };
}

function revisionFromDocument(revision: RevisionDocument): PlacedRevision {
  return {
    reportType: revision.reportType as StoredRevision["reportType"],
    transmissionRisk: revision.transmissionRisk,
    ...(revision.daysSinceOnset === null ? {} : { daysSinceOnset: revision.daysSinceOnset }),
    ...(revision.healthAuthorityId === "" ? {} : { healthAuthorityId: revision.healthAuthorityId }),
    revisedAtSeconds: revision.revisedAtTime.getTime() / 1000,
    revisedBy: bufferOf(revision.revisedBy),
    revisedAt: revision.revisedAt,
    ...(revision.regions === undefined ? {} : { regions: revision.regions }),
  };
}
