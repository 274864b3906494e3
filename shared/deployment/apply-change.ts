import type { KeyObject } from "node:crypto";
import type { HealthAuthority } from "../keys/health-authority.js";
import { parsePublicKey } from "../keys/public-key.js";
import type { Changed } from "../topology.js";
import type {
  AuthorizedApp,
  DeadLetterDecision,
  Deployment,
  ExportConfiguration,
  RevisionKeyRecord,
  SigningKeyRecord,
} from "./deployment.js";

/** Key of an entity's record in config.changed. */
export function recordKey(kind: EntityKind, id: string): string {
  return `${kind}/${id}`;
}

export type EntityKind =
  | "health-authority"
  | "authorized-app"
  | "export-configuration"
  | "signing-key"
  | "revision-key"
  | "dead-letter";

/**
 * The deployment after one record of config.changed; `changed` undefined removes the entity.
 * @throws {Error} when the entity can't be used (a public key that is none).
 */
export function applyChange(deployment: Deployment, key: string, changed: Changed | undefined): Deployment {
  const slash = key.indexOf("/");
  const [kind, id] = [key.slice(0, slash) as EntityKind, key.slice(slash + 1)];
  const entities = withEntry(deployment.entities, key, changed);
  const next = { ...deployment, entities };
  switch (kind) {
    case "health-authority":
      return { ...next, healthAuthorities: withEntry(next.healthAuthorities, id, healthAuthority(changed)) };
    case "authorized-app":
      return { ...next, apps: withEntry(next.apps, id, authorizedApp(changed)) };
    case "export-configuration":
      return {
        ...next,
        exportConfigurations: withEntry(next.exportConfigurations, id, exportConfiguration(changed)),
      };
    case "signing-key":
      return { ...next, signingKeys: withEntry(next.signingKeys, id, signingKey(changed)) };
    case "revision-key":
      return { ...next, revisionKeys: withEntry(next.revisionKeys, id, revisionKey(changed)) };
    case "dead-letter":
      return {
        ...next,
        deadLetterDecisions: withEntry(next.deadLetterDecisions, id, deadLetterDecision(changed)),
      };
    default:
      throw new Error(`config.changed holds an entity of an unknown kind: ${String(kind satisfies never)}`);
  }
}

function withEntry<Value>(
  map: ReadonlyMap<string, Value>,
  id: string,
  value: Value | undefined,
): Map<string, Value> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(id);
  else copy.set(id, value);
  return copy;
}

function healthAuthority(changed: Changed | undefined): HealthAuthority | undefined {
  const entity = changed?.healthAuthority;
  if (!entity) return undefined;
  return {
    id: entity.id ?? "",
    issuer: entity.issuer ?? "",
    audience: entity.audience ?? "",
    name: entity.name ?? "",
    statsEnabled: entity.statsDisabled !== true,
    keys: (entity.keys ?? []).map((key) => ({
      version: key.version ?? "",
      fromSeconds: key.fromSeconds ?? 0,
      ...endOfKey(key.thruSeconds),
      publicKey: publicKeyOf(key.publicKeyPem ?? ""),
    })),
  };
}

function publicKeyOf(pem: string): KeyObject {
  const result = parsePublicKey(pem);
  if (!result.ok) throw new Error(result.error);
  return result.key;
}

function authorizedApp(changed: Changed | undefined): AuthorizedApp | undefined {
  const entity = changed?.authorizedApp;
  if (!entity) return undefined;
  return {
    name: entity.name ?? "",
    regions: entity.regions ?? [],
    healthAuthorityIds: entity.healthAuthorityIds ?? [],
    bypassHealthAuthorityVerification: entity.bypassHealthAuthorityVerification ?? false,
    bypassRevisionToken: entity.bypassRevisionToken ?? false,
  };
}

function exportConfiguration(changed: Changed | undefined): ExportConfiguration | undefined {
  const entity = changed?.exportConfiguration;
  if (!entity) return undefined;
  const versions = (entity.versions ?? []).map((version) => ({
    version: version.version ?? 0,
    effectiveAtSeconds: version.effectiveAtSeconds ?? 0,
    filenameRoot: version.filenameRoot ?? "",
    periodSeconds: version.periodSeconds ?? 0,
    outputRegion: version.outputRegion ?? "",
    inputRegions: version.inputRegions ?? [],
    excludeRegions: version.excludeRegions ?? [],
    includeTravelers: version.includeTravelers ?? false,
    onlyNonTravelers: version.onlyNonTravelers ?? false,
    fromSeconds: version.fromSeconds ?? 0,
    thruSeconds: endOf(version.thruSeconds),
    recordsPerFileMax: version.recordsPerFileMax ?? 0,
    signingKeyIds: version.signingKeyIds ?? [],
    // Versions from before there was padding have none, so that their windows come out as they did.
    paddingRecordsMin: version.paddingRecordsMin ?? 0,
    paddingRecordsRange: version.paddingRecordsRange ?? 0,
    holdRecordsMin: version.holdRecordsMin ?? 0,
    holdSecondsMax: version.holdSecondsMax ?? 0,
  }));
  return { id: entity.id ?? "", versions };
}

function signingKey(changed: Changed | undefined): SigningKeyRecord | undefined {
  const entity = changed?.signingKey;
  if (!entity) return undefined;
  return {
    id: entity.id ?? "",
    verificationKeyId: entity.verificationKeyId ?? "",
    verificationKeyVersion: entity.verificationKeyVersion ?? "",
    fromSeconds: entity.fromSeconds ?? 0,
    thruSeconds: endOf(entity.thruSeconds),
    publicKeyPem: entity.publicKeyPem ?? "",
    wrappedPrivateKey: Buffer.from(entity.wrappedPrivateKey ?? []),
  };
}

function revisionKey(changed: Changed | undefined): RevisionKeyRecord | undefined {
  const entity = changed?.revisionKey;
  if (!entity) return undefined;
  return {
    id: entity.id ?? "",
    createdAtSeconds: entity.createdAtSeconds ?? 0,
    wrappedKey: Buffer.from(entity.wrappedKey ?? []),
    retired: entity.retired ?? false,
  };
}

function endOfKey(seconds: number | null | undefined): { thruSeconds?: number } {
  const end = endOf(seconds);
  return end === undefined ? {} : { thruSeconds: end };
}

function deadLetterDecision(changed: Changed | undefined): DeadLetterDecision | undefined {
  const entity = changed?.deadLetterDecision;
  if (!entity) return undefined;
  return {
    action: entity.action === 1 ? "retried" : "dropped",
    decidedAtSeconds: entity.decidedAtSeconds ?? 0,
  };
}

/** 0 stands for "no end". */
function endOf(seconds: number | null | undefined): number | undefined {
  return seconds === null || seconds === undefined || seconds === 0 ? undefined : seconds;
}
