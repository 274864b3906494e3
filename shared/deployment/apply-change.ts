import { isPeriod } from "../exports/window.js";
import type { Changed } from "../topology.js";
import type {
  AuthorizedApp,
  DeadLetterDecision,
  Deployment,
  ExportConfiguration,
  ExportSettings,
  RevisionKeyRecord,
  SigningKeyRecord,
} from "./deployment.js";
import { discoveredKeys, healthAuthority } from "./merge-keys.js";

/** Key of an entity's record in config.changed. */
export function recordKey(kind: EntityKind, id: string): string {
  return `${kind}/${id}`;
}

export type EntityKind =
  | "health-authority"
  | "health-authority-keys"
  | "authorized-app"
  | "export-configuration"
  | "signing-key"
  | "revision-key"
  | "dead-letter";

/** One record of config.changed; `changed` undefined removes the entity. */
export interface Change {
  readonly key: string;
  readonly changed: Changed | undefined;
  /** When the log took it (unix seconds); undefined of what is not in the log. */
  readonly appendedAtSeconds?: number;
}

/**
 * The deployment after one record of config.changed.
 * @throws {Error} when the entity can't be used (a public key that is none).
 */
export function applyChange(deployment: Deployment, key: string, changed: Changed | undefined): Deployment {
  return applyChanges(deployment, [{ key, changed }], (_change, error) => {
    throw error;
  });
}

/**
 * The deployment after many records, in their order. One that can't be used is left out, as if it had not been written,
 * and told to `onUnusable`.
 */
export function applyChanges(
  deployment: Deployment,
  changes: readonly Change[],
  onUnusable: (change: Change, error: unknown) => void,
): Deployment {
  // Copied once for all changes: an operator may decide on very many dead letters.
  const draft = draftOf(deployment);
  for (const change of changes) {
    try {
      applyTo(draft, change);
    } catch (error) {
      onUnusable(change, error);
    }
  }
  return draft;
}

type Draft = ReturnType<typeof draftOf>;

function draftOf(deployment: Deployment) {
  return {
    healthAuthorities: new Map(deployment.healthAuthorities),
    discoveredKeys: new Map(deployment.discoveredKeys),
    apps: new Map(deployment.apps),
    exportConfigurations: new Map(deployment.exportConfigurations),
    signingKeys: new Map(deployment.signingKeys),
    revisionKeys: new Map(deployment.revisionKeys),
    deadLetterDecisions: new Map(deployment.deadLetterDecisions),
    entities: new Map(deployment.entities),
  };
}

function applyTo(draft: Draft, { key, changed, appendedAtSeconds = Infinity }: Change): void {
  const slash = key.indexOf("/");
  const [kind, id] = [key.slice(0, slash) as EntityKind, key.slice(slash + 1)];
  switch (kind) {
    case "health-authority":
      put(draft.healthAuthorities, id, changed, (own) =>
        healthAuthority(own, draft.discoveredKeys.get(id) ?? []),
      );
      break;
    case "health-authority-keys":
      put(draft.discoveredKeys, id, changed, discoveredKeys);
      mergeAnew(draft, id);
      break;
    case "authorized-app":
      put(draft.apps, id, changed, authorizedApp);
      break;
    case "export-configuration":
      put(draft.exportConfigurations, id, changed, exportConfiguration);
      break;
    case "signing-key":
      put(draft.signingKeys, id, changed, signingKey);
      break;
    case "revision-key":
      put(draft.revisionKeys, id, changed, (own) => revisionKey(own, appendedAtSeconds));
      break;
    case "dead-letter":
      put(draft.deadLetterDecisions, id, changed, deadLetterDecision);
      break;
    default:
      throw new Error(`config.changed holds an entity of an unknown kind: ${String(kind satisfies never)}`);
  }
  put(draft.entities, key, changed, (entity) => entity);
}

/** Converts before anything is changed, so that what can't be used leaves everything as it was. */
function put<Value>(
  map: Map<string, Value>,
  id: string,
  changed: Changed | undefined,
  convert: (changed: Changed) => Value | undefined,
): void {
  if (changed === undefined) {
    map.delete(id);
    return;
  }
  const value = convert(changed);
  if (value === undefined) throw new Error("the record holds another entity than its key names, or none");
  map.set(id, value);
}

/** A health authority is made from its own entity and from its discovered keys, which have just changed. */
function mergeAnew(draft: Draft, id: string): void {
  const own = draft.entities.get(recordKey("health-authority", id));
  const merged = healthAuthority(own, draft.discoveredKeys.get(id) ?? []);
  if (merged !== undefined) draft.healthAuthorities.set(id, merged);
}

function authorizedApp(changed: Changed): AuthorizedApp | undefined {
  const entity = changed.authorizedApp;
  if (!entity) return undefined;
  return {
    name: entity.name ?? "",
    regions: entity.regions ?? [],
    healthAuthorityIds: entity.healthAuthorityIds ?? [],
    bypassHealthAuthorityVerification: entity.bypassHealthAuthorityVerification ?? false,
    bypassRevisionToken: entity.bypassRevisionToken ?? false,
  };
}

function exportConfiguration(changed: Changed): ExportConfiguration | undefined {
  const entity = changed.exportConfiguration;
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
  refuseUnbuildable(versions);
  return { id: entity.id ?? "", versions };
}

/** No window could be cut or filled by such settings, and the clock and all other exports would stop over them. */
function refuseUnbuildable(versions: readonly ExportSettings[]): void {
  const bad = versions.find(
    ({ periodSeconds, recordsPerFileMax }) => !isPeriod(periodSeconds) || recordsPerFileMax < 1,
  );
  if (bad !== undefined)
    throw new Error(
      `version ${bad.version} has a period of ${bad.periodSeconds} s and ${bad.recordsPerFileMax} keys a file`,
    );
}

function signingKey(changed: Changed): SigningKeyRecord | undefined {
  const entity = changed.signingKey;
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

function revisionKey(changed: Changed, appendedAtSeconds: number): RevisionKeyRecord | undefined {
  const entity = changed.revisionKey;
  if (!entity) return undefined;
  return {
    id: entity.id ?? "",
    // Its maker's clock may have been ahead.
    createdAtSeconds: Math.min(entity.createdAtSeconds ?? 0, Math.floor(appendedAtSeconds)),
    wrappedKey: Buffer.from(entity.wrappedKey ?? []),
    retired: entity.retired ?? false,
  };
}

function deadLetterDecision(changed: Changed): DeadLetterDecision | undefined {
  const entity = changed.deadLetterDecision;
  if (!entity) return undefined;
  return {
    action: entity.action === 1 ? "retried" : "dropped",
    decidedAtSeconds: entity.decidedAtSeconds ?? 0,
    source: entity.source ?? "",
  };
}

/** 0 stands for "no end". */
function endOf(seconds: number | null | undefined): number | undefined {
  return seconds === null || seconds === undefined || seconds === 0 ? undefined : seconds;
}
