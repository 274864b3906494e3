import { recordKey } from "../../shared/deployment/apply-change.js";
import type { Deployment, ExportSettings } from "../../shared/deployment/deployment.js";
import type { Changed } from "../../shared/topology.js";
import { change, refuse, type ChangeOutcome } from "./change-outcome.js";
import { noticeSeconds } from "./notice-seconds.js";

export type ExportReason =
  | "exists"
  | "unknown"
  | "filename_root_taken"
  | "unknown_signing_key"
  | "too_many_signing_keys"
  | "travelers_conflict"
  | "ends_before_it_begins"
  | "hold_too_short"
  | "too_many_versions"
  | "nothing_changes";

export type ExportOutcome = ChangeOutcome<ExportReason>;

/** An export's settings without what makes them a version. */
export type ExportFields = Omit<ExportSettings, "version" | "effectiveAtSeconds">;

type Version = NonNullable<NonNullable<Changed["exportConfiguration"]>["versions"]>[number];

/** Signatures in one file that phones look at (reference server facts, §6.7). */
const signingKeysMax = 10;
/** Of one export: all of them are one record of the log, and one is rarely more than a kilobyte. */
const versionsMax = 500;

/** A new export. Its first settings apply from the beginning, which `fromSeconds` bounds. */
export function createExport(deployment: Deployment, id: string, fields: ExportFields): ExportOutcome {
  if (deployment.exportConfigurations.has(id)) return refuse("exists", id);
  const problem = findProblem(deployment, id, fields);
  if (problem !== undefined) return problem;
  return change({
    exportConfiguration: { id, versions: [versionOf({ ...fields, version: 1, effectiveAtSeconds: 0 })] },
  });
}

/**
 * One version more, for windows that end when every process knows it. All earlier ones stay, for the windows that were
 * built with them.
 */
export function updateExport(
  deployment: Deployment,
  id: string,
  fields: Partial<ExportFields>,
  nowSeconds: number,
): ExportOutcome {
  const last = deployment.exportConfigurations.get(id)?.versions.at(-1);
  if (last === undefined) return refuse("unknown", id);
  const next = {
    ...last,
    ...fields,
    version: last.version + 1,
    // Never before the last version's own time, which another clock may have set.
    effectiveAtSeconds: Math.max(nowSeconds + noticeSeconds, last.effectiveAtSeconds),
  };
  const problem = findProblem(deployment, id, next);
  if (problem !== undefined) return problem;
  if (isSame(last, next)) return refuse("nothing_changes", id);
  if (last.version >= versionsMax) return refuse("too_many_versions", String(versionsMax));
  const earlier =
    deployment.entities.get(recordKey("export-configuration", id))?.exportConfiguration?.versions ?? [];
  return change({ exportConfiguration: { id, versions: [...earlier, versionOf(next)] } });
}

function findProblem(deployment: Deployment, id: string, fields: ExportFields): ExportOutcome | undefined {
  const other = rootTakenBy(deployment, id, fields.filenameRoot);
  if (other !== undefined) return refuse("filename_root_taken", other);
  const missing = fields.signingKeyIds.filter((keyId) => !deployment.signingKeys.has(keyId));
  if (missing.length > 0) return refuse("unknown_signing_key", missing.join(", "));
  if (fields.signingKeyIds.length > signingKeysMax)
    return refuse("too_many_signing_keys", String(signingKeysMax));
  if (fields.includeTravelers && fields.onlyNonTravelers) return refuse("travelers_conflict", id);
  if (fields.thruSeconds !== undefined && fields.thruSeconds <= fields.fromSeconds)
    return refuse("ends_before_it_begins", id);
  if (fields.holdRecordsMin > 0 && fields.holdSecondsMax <= fields.periodSeconds)
    return refuse("hold_too_short", id);
  return undefined;
}

/** The other export that has, or had, its files under this root; some stores don't tell the case of letters. */
function rootTakenBy(
  { exportConfigurations }: Deployment,
  id: string,
  filenameRoot: string,
): string | undefined {
  const root = filenameRoot.toLowerCase();
  return [...exportConfigurations.values()].find(
    (other) =>
      other.id !== id && other.versions.some((version) => version.filenameRoot.toLowerCase() === root),
  )?.id;
}

function versionOf(settings: ExportSettings): Version {
  return {
    ...settings,
    inputRegions: [...settings.inputRegions],
    excludeRegions: [...settings.excludeRegions],
    thruSeconds: settings.thruSeconds ?? 0,
    signingKeyIds: [...settings.signingKeyIds],
  };
}

function isSame(a: ExportSettings, b: ExportSettings): boolean {
  const text = (settings: ExportSettings): string =>
    JSON.stringify({
      ...settings,
      version: 0,
      effectiveAtSeconds: 0,
      thruSeconds: settings.thruSeconds ?? 0,
    });
  return text(a) === text(b);
}
