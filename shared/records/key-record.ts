import type { Provenance } from "../keys/stored-key.js";
import type { Accepted, AcceptedRecord } from "../topology.js";
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

/** A key as records of keys.accepted and keys.embargoed carry it. */
export function keyRecord(
  key: PlacedKey,
  origin: number,
  releaseSeconds: number | undefined,
  withRevision: boolean,
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
    ...(releaseSeconds === undefined ? {} : { releaseSeconds }),
    ...(withRevision && key.revision !== undefined ? { revision: revisionRecord(key.revision) } : {}),
  };
}

function revisionRecord(revision: PlacedRevision): RevisionMessage {
  return {
    reportType: reportTypeNumber(revision.reportType),
    transmissionRisk: revision.transmissionRisk,
    ...(revision.daysSinceOnset === undefined ? {} : { daysSinceOnset: revision.daysSinceOnset }),
    revisedAtSeconds: revision.revisedAtSeconds,
    healthAuthorityId: revision.healthAuthorityId ?? "",
    revisedBy: revision.revisedBy,
    revisedAtOffset: revision.revisedAt.offset,
    revisedAtPartition: revision.revisedAt.partition,
  };
}

/** Why a record of keys.accepted or keys.embargoed can't be used. */
export type KeyRecordReason = "bad_tek" | "bad_report_type" | "bad_origin" | "no_revision";

/** What of a record's keys exports need; or why the record can't be used. Every key is checked. */
export function checkKeyRecords(record: AcceptedRecord): KeyRecordReason | undefined {
  for (const key of [...record.inserted, ...record.revised]) {
    if (key.tek?.length !== 16) return "bad_tek";
    if (reportTypeOf(key.reportType ?? 0) === undefined) return "bad_report_type";
    if ((key.origin ?? 0) >= record.origins.length) return "bad_origin";
  }
  return record.revised.some(({ revision }) => !revision) ? "no_revision" : undefined;
}
