import type { AcceptedRecord } from "../topology.js";
import { checkKeyRecords, provenances, type KeyRecordReason } from "./key-record.js";
import type { PlacedKey, PlacedRevision } from "./placed-key.js";
import { reportTypeOf } from "./report-type-number.js";

type KeyMessage = AcceptedRecord["inserted"][number];
type OriginMessage = AcceptedRecord["origins"][number];

/** The keys of a record, as key-store placed them. A revised key is whole: nothing else is needed to know its state. */
export interface PlacedKeys {
  readonly inserted: readonly PlacedKey[];
  readonly revised: readonly PlacedKey[];
}

/** Reads a record of keys.accepted or keys.embargoed back into what key-store wrote; or says why it can't be used. */
export function placedKeys(record: AcceptedRecord): PlacedKeys | KeyRecordReason {
  const reason = checkKeyRecords(record);
  if (reason !== undefined) return reason;
  const place = (key: KeyMessage): PlacedKey[] => {
    const origin = record.origins[key.origin ?? 0];
    return origin === undefined ? [] : [placedKey(key, origin, record.origins)];
  };
  return { inserted: record.inserted.flatMap(place), revised: record.revised.flatMap(place) };
}

function placedKey(key: KeyMessage, origin: OriginMessage, origins: readonly OriginMessage[]): PlacedKey {
  const { daysSinceOnset, revision } = key;
  return {
    tek: bytes(key.tek),
    rollingStartIntervalNumber: key.rollingStartIntervalNumber ?? 0,
    rollingPeriod: key.rollingPeriod ?? 0,
    reportType: reportTypeOf(key.reportType ?? 0) ?? "",
    transmissionRisk: key.transmissionRisk ?? 0,
    ...(daysSinceOnset === undefined || daysSinceOnset === null ? {} : { daysSinceOnset }),
    app: origin.app ?? "",
    ...healthAuthority(origin),
    regions: [...(origin.regions ?? [])],
    traveler: origin.traveler ?? false,
    provenance: provenances[origin.provenance ?? 0] ?? "local",
    createdAtSeconds: key.createdAtSeconds ?? 0,
    ...(key.releaseSeconds ? { releaseSeconds: key.releaseSeconds } : {}),
    insertedBy: bytes(key.insertedBy),
    insertedAt: { partition: key.insertedAtPartition ?? 0, offset: key.insertedAtOffset ?? 0 },
    ...(revision ? { revision: placedRevision(revision, origins) } : {}),
  };
}

function placedRevision(
  revision: NonNullable<KeyMessage["revision"]>,
  origins: readonly OriginMessage[],
): PlacedRevision {
  const { daysSinceOnset, origin } = revision;
  // Only a revision that added regions has an origin of its own.
  const regions = origin === undefined || origin === null ? undefined : origins[origin]?.regions;
  return {
    reportType: reportTypeOf(revision.reportType ?? 0) ?? "",
    transmissionRisk: revision.transmissionRisk ?? 0,
    ...(daysSinceOnset === undefined || daysSinceOnset === null ? {} : { daysSinceOnset }),
    revisedAtSeconds: revision.revisedAtSeconds ?? 0,
    ...healthAuthority(revision),
    revisedBy: bytes(revision.revisedBy),
    revisedAt: { partition: revision.revisedAtPartition ?? 0, offset: revision.revisedAtOffset ?? 0 },
    ...(regions ? { regions } : {}),
  };
}

function healthAuthority({ healthAuthorityId }: { healthAuthorityId?: string | null }): {
  healthAuthorityId?: string;
} {
  return healthAuthorityId ? { healthAuthorityId } : {};
}

function bytes(field: Uint8Array | null | undefined): Buffer {
  return Buffer.from(field ?? []);
}
