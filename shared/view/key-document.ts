import { Binary } from "mongodb";
import type { StoredKey, StoredRevision } from "../keys/stored-key.js";
import type { LogPosition } from "../keys/token-content.js";
import type { PlacedKey, PlacedRevision } from "../records/placed-key.js";

/** One document for each TEK. Created as a view of keys.accepted and keys.embargoed. */
export interface KeyDocument {
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
  /** Only of an embargoed key. */
  readonly releaseAt?: Date;
  readonly insertedBy: Binary;
  readonly insertedAt: LogPosition;
  readonly revision?: RevisionDocument;
}

export interface RevisionDocument {
  readonly reportType: string;
  readonly transmissionRisk: number;
  readonly daysSinceOnset: number | null;
  readonly healthAuthorityId: string;
  readonly revisedAtTime: Date;
  readonly revisedBy: Binary;
  readonly revisedAt: LogPosition;
  readonly regions?: readonly string[];
}

export function bufferOf(binary: Binary): Buffer {
  return Buffer.from(binary.buffer.buffer, binary.buffer.byteOffset, binary.length());
}

/** The document of a key, always with its fields in the same order. */
export function toDocument(key: PlacedKey): KeyDocument {
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
    ...(key.releaseSeconds === undefined ? {} : { releaseAt: new Date(key.releaseSeconds * 1000) }),
    insertedBy: new Binary(key.insertedBy),
    insertedAt: key.insertedAt,
    ...(key.revision === undefined ? {} : { revision: revisionToDocument(key.revision) }),
  };
}

export function revisionToDocument(revision: PlacedRevision): RevisionDocument {
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

export function fromDocument(document: KeyDocument): PlacedKey {
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
    ...(document.releaseAt === undefined ? {} : { releaseSeconds: document.releaseAt.getTime() / 1000 }),
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
