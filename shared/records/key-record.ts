import type { Provenance } from "../keys/stored-key.js";
import type { Accepted, AcceptedRecord } from "../topology.js";
import { hasSoundRisk, hasSoundSpan } from "./key-ranges.js";
import type { PlacedKey, PlacedRevision } from "./placed-key.js";
import { reportTypeNumber, reportTypeOf } from "./report-type-number.js";

type KeyMessage = NonNullable<Accepted["inserted"]>[number];
type OriginMessage = NonNullable<Accepted["origins"]>[number];
type RevisionMessage = NonNullable<KeyMessage["revision"]>;

export const provenances = ["local", "federated", "imported"] as const satisfies readonly Provenance[];

/** What many keys of a record share. */
export function originOf(key: PlacedKey): OriginMessage {
  return {
    app: key.app,
    healthAuthorityId: key.healthAuthorityId ?? "",
    regions: [...key.regions],
    traveler: key.traveler,
    provenance: provenances.indexOf(key.provenance),
  };
}

/** Equal for keys with equal origins. */
export function originKey(key: PlacedKey): string {
  return JSON.stringify([key.app, key.healthAuthorityId, key.regions, key.traveler, key.provenance]);
}

/** The key with the regions that its revision has given it. */
export function asRevised(key: PlacedKey): PlacedKey {
  return key.revision?.regions === undefined ? key : { ...key, regions: key.revision.regions };
}

/** A key as records of keys.accepted and keys.embargoed carry it. */
export function keyRecord(
  key: PlacedKey,
  origin: number,
  withRevision: boolean,
  revisedOrigin = origin,
): KeyMessage {
  return {
    tek: key.tek,
    rollingStartIntervalNumber: key.rollingStartIntervalNumber,
    rollingPeriod: key.rollingPeriod,
    transmissionRisk: key.transmissionRisk,
    ...(key.daysSinceOnset === undefined ? {} : { daysSinceOnset: key.daysSinceOnset }),
    reportType: reportTypeNumber(key.reportType),
    origin,
    createdAtSeconds: key.createdAtSeconds,
    insertedBy: key.insertedBy,
    insertedAtOffset: key.insertedAt.offset,
    insertedAtPartition: key.insertedAt.partition,
    ...(key.releaseSeconds === undefined ? {} : { releaseSeconds: key.releaseSeconds }),
    ...(withRevision && key.revision !== undefined
      ? { revision: revisionRecord(key.revision, revisedOrigin === origin ? undefined : revisedOrigin) }
      : {}),
  };
}

function revisionRecord(revision: PlacedRevision, origin: number | undefined): RevisionMessage {
  return {
    reportType: reportTypeNumber(revision.reportType),
    transmissionRisk: revision.transmissionRisk,
    ...(revision.daysSinceOnset === undefined ? {} : { daysSinceOnset: revision.daysSinceOnset }),
    revisedAtSeconds: revision.revisedAtSeconds,
    healthAuthorityId: revision.healthAuthorityId ?? "",
    revisedBy: revision.revisedBy,
    revisedAtOffset: revision.revisedAt.offset,
    revisedAtPartition: revision.revisedAt.partition,
    ...(origin === undefined ? {} : { origin }),
  };
}

/** Why a record of keys.accepted or keys.embargoed can't be used. */
export type KeyRecordReason = "bad_tek" | "bad_report_type" | "bad_origin" | "bad_key" | "no_revision";

/**
 * Why a record can't be used, if it can't. Every key is checked for all that would make phones refuse the whole export
 * that it is in: one bad record must not hold back its window.
 */
export function checkKeyRecords(record: AcceptedRecord): KeyRecordReason | undefined {
  for (const key of [...record.inserted, ...record.revised]) {
    if (key.tek?.length !== 16) return "bad_tek";
    if (reportTypeOf(key.reportType ?? 0) === undefined) return "bad_report_type";
    if (Math.max(key.origin ?? 0, key.revision?.origin ?? 0) >= record.origins.length) return "bad_origin";
    if (!hasSoundSpan(key) || !hasSoundRisk(key)) return "bad_key";
  }
  for (const { revision } of record.revised) {
    if (!revision) return "no_revision";
    if (reportTypeOf(revision.reportType ?? 0) === undefined) return "bad_report_type";
    if (!hasSoundRisk(revision)) return "bad_key";
  }
  return undefined;
}
