import type { Deployment } from "../../shared/deployment/deployment.js";
import type { Changed } from "../../shared/topology.js";
import { recordKey } from "../../shared/deployment/apply-change.js";
import { change, refuse, type ChangeOutcome } from "./change-outcome.js";

// The actions on a health authority's keys are the reference server's (reference server facts, §3.5).

export type HealthAuthorityReason =
  | "exists"
  | "issuer_taken"
  | "unknown"
  | "key_exists"
  | "unknown_key"
  | "revoked_already"
  | "not_revoked"
  | "active_already"
  | "revoked";

export type HealthAuthorityOutcome = ChangeOutcome<HealthAuthorityReason>;

/** A health authority without its keys. */
export interface HealthAuthorityFields {
  readonly issuer: string;
  readonly audience: string;
  readonly name: string;
  readonly statsEnabled: boolean;
}

/** A key to add. It is valid after `fromSeconds`. */
export interface NewKey {
  readonly version: string;
  readonly fromSeconds: number;
  /** PKIX, P-256, checked. */
  readonly publicKeyPem: string;
}

type Entity = NonNullable<Changed["healthAuthority"]>;
type Key = NonNullable<Entity["keys"]>[number];

/** A new health authority with its first key, if any. */
export function createHealthAuthority(
  deployment: Deployment,
  id: string,
  fields: HealthAuthorityFields,
  key: NewKey | undefined,
): HealthAuthorityOutcome {
  if (entityOf(deployment, id) !== undefined) return refuse("exists", id);
  const taken = issuerTaken(deployment, id, fields.issuer);
  if (taken !== undefined) return refuse("issuer_taken", taken);
  return change({
    healthAuthority: { ...entityFields(id, fields), keys: key === undefined ? [] : [{ ...key }] },
  });
}

/** Other fields, the same keys. */
export function updateHealthAuthority(
  deployment: Deployment,
  id: string,
  fields: Partial<HealthAuthorityFields>,
): HealthAuthorityOutcome {
  const authority = deployment.healthAuthorities.get(id);
  const entity = entityOf(deployment, id);
  if (authority === undefined || entity === undefined) return refuse("unknown", id);
  const merged = { ...authority, ...fields };
  const taken = issuerTaken(deployment, id, merged.issuer);
  if (taken !== undefined) return refuse("issuer_taken", taken);
  return change({ healthAuthority: { ...entity, ...entityFields(id, merged) } });
}

/** One key more. */
export function addKey(deployment: Deployment, id: string, key: NewKey): HealthAuthorityOutcome {
  const entity = entityOf(deployment, id);
  if (entity === undefined) return refuse("unknown", id);
  const keys = entity.keys ?? [];
  if (keys.some(({ version }) => version === key.version)) return refuse("key_exists", key.version);
  return change({ healthAuthority: { ...entity, keys: [...keys, { ...key }] } });
}

/** The key ends now, or, if it is not valid yet, when it would begin. */
export function revokeKey(
  deployment: Deployment,
  id: string,
  version: string,
  nowSeconds: number,
): HealthAuthorityOutcome {
  return changeKey(deployment, id, version, (key) => {
    const thruSeconds = Math.max(nowSeconds, key.fromSeconds ?? 0);
    if (hasEnd(key) && (key.thruSeconds ?? 0) <= thruSeconds) return "revoked_already";
    return { ...key, thruSeconds };
  });
}

/** The key has no end any more. */
export function reinstateKey(deployment: Deployment, id: string, version: string): HealthAuthorityOutcome {
  return changeKey(deployment, id, version, (key) =>
    hasEnd(key) ? { ...key, thruSeconds: 0 } : "not_revoked",
  );
}

/** A key that would begin later begins now. A revoked one has to be reinstated first, or it would begin by accident. */
export function activateKey(
  deployment: Deployment,
  id: string,
  version: string,
  nowSeconds: number,
): HealthAuthorityOutcome {
  return changeKey(deployment, id, version, (key) => {
    const fromSeconds = key.fromSeconds ?? 0;
    if (fromSeconds <= nowSeconds) return "active_already";
    if (hasEnd(key) && (key.thruSeconds ?? 0) <= fromSeconds) return "revoked";
    return { ...key, fromSeconds: nowSeconds };
  });
}

function changeKey(
  deployment: Deployment,
  id: string,
  version: string,
  next: (key: Key) => Key | HealthAuthorityReason,
): HealthAuthorityOutcome {
  const entity = entityOf(deployment, id);
  if (entity === undefined) return refuse("unknown", id);
  const keys = entity.keys ?? [];
  const index = keys.findIndex((key) => key.version === version);
  const found = keys[index];
  if (found === undefined) return refuse("unknown_key", version);
  const changed = next(found);
  if (typeof changed === "string") return refuse(changed, version);
  return change({ healthAuthority: { ...entity, keys: keys.with(index, changed) } });
}

function entityOf(deployment: Deployment, id: string): Entity | undefined {
  return deployment.entities.get(recordKey("health-authority", id))?.healthAuthority ?? undefined;
}

function entityFields(id: string, { issuer, audience, name, statsEnabled }: HealthAuthorityFields): Entity {
  return { id, issuer, audience, name, statsDisabled: !statsEnabled };
}

/** The other health authority with this issuer. */
function issuerTaken({ healthAuthorities }: Deployment, id: string, issuer: string): string | undefined {
  return [...healthAuthorities.values()].find((other) => other.issuer === issuer && other.id !== id)?.id;
}

/** 0 stands for no end. */
function hasEnd({ thruSeconds }: Key): boolean {
  return thruSeconds !== undefined && thruSeconds !== null && thruSeconds !== 0;
}
