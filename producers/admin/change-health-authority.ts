import type { Deployment } from "../../shared/deployment/deployment.js";
import type { HealthAuthorityKey } from "../../shared/keys/health-authority.js";
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
  /** Where it lists its keys; empty: nowhere. */
  readonly jwksUri?: string;
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
  const taken = deployment.healthAuthorities.get(id)?.keys.some(({ version }) => version === key.version);
  if (taken === true) return refuse("key_exists", key.version);
  return change({ healthAuthority: { ...entity, keys: [...(entity.keys ?? []), { ...key }] } });
}

/** The key ends now, or, if it is not valid yet, when it would begin; whatever its document says from now on. */
export function revokeKey(
  deployment: Deployment,
  id: string,
  version: string,
  nowSeconds: number,
): HealthAuthorityOutcome {
  return changeKey(deployment, id, version, ({ own }) => {
    const thruSeconds = Math.max(nowSeconds, own.fromSeconds ?? 0);
    if (hasEnd(own) && (own.thruSeconds ?? 0) <= thruSeconds) return "revoked_already";
    return { ...own, thruSeconds };
  });
}

/** The key has no end any more. Where its document has ended it, that does not count unless it does so again. */
export function reinstateKey(
  deployment: Deployment,
  id: string,
  version: string,
  nowSeconds: number,
): HealthAuthorityOutcome {
  return changeKey(deployment, id, version, ({ own, thruSeconds }) => {
    if (thruSeconds === undefined) return "not_revoked";
    // The process that reads the document may have a clock that is ahead of this one.
    return { ...own, thruSeconds: 0, reinstatedAtSeconds: Math.max(nowSeconds, thruSeconds) };
  });
}

/** A key that would begin later begins now. A revoked one has to be reinstated first, or it would begin by accident. */
export function activateKey(
  deployment: Deployment,
  id: string,
  version: string,
  nowSeconds: number,
): HealthAuthorityOutcome {
  return changeKey(deployment, id, version, ({ own, thruSeconds }) => {
    const fromSeconds = own.fromSeconds ?? 0;
    if (fromSeconds <= nowSeconds) return "active_already";
    if (thruSeconds !== undefined && thruSeconds <= fromSeconds) return "revoked";
    return { ...own, fromSeconds: nowSeconds };
  });
}

/** A key as an operator has given it, or would take it over from the document, and the end that holds for it now. */
interface KeyToChange {
  readonly own: Key;
  readonly thruSeconds: number | undefined;
}

/** Whatever an operator decides about a discovered key makes it a key of the health authority's own entity. */
function changeKey(
  deployment: Deployment,
  id: string,
  version: string,
  next: (key: KeyToChange) => Key | HealthAuthorityReason,
): HealthAuthorityOutcome {
  const entity = entityOf(deployment, id);
  if (entity === undefined) return refuse("unknown", id);
  const own = entity.keys ?? [];
  const keys = keysToChange(own, deployment.healthAuthorities.get(id)?.keys ?? []);
  const index = indexOfVersion(keys, version);
  const found = keys[index];
  if (found === undefined) return refuse("unknown_key", version);
  const changed = next(found);
  if (typeof changed === "string") return refuse(changed, version);
  const changedKeys = index < own.length ? own.with(index, changed) : [...own, changed];
  return change({ healthAuthority: { ...entity, keys: changedKeys } });
}

/** The merged list begins with the entity's own keys, in their order. */
function keysToChange(own: readonly Key[], merged: readonly HealthAuthorityKey[]): KeyToChange[] {
  return merged.map(({ version, fromSeconds, thruSeconds, publicKey }, index) => ({
    own: own[index] ?? {
      version,
      fromSeconds,
      publicKeyPem: String(publicKey.export({ type: "spki", format: "pem" })),
    },
    thruSeconds,
  }));
}

/** Of several keys with one version the one without an end, else the newest. */
function indexOfVersion(keys: readonly KeyToChange[], version: string): number {
  const candidates = [...keys.entries()].filter(([, { own }]) => own.version === version);
  const open = candidates.find(([, { thruSeconds }]) => thruSeconds === undefined);
  const newest = candidates.toSorted(([, a], [, b]) => (b.own.fromSeconds ?? 0) - (a.own.fromSeconds ?? 0));
  return (open ?? newest[0])?.[0] ?? -1;
}

function entityOf(deployment: Deployment, id: string): Entity | undefined {
  return deployment.entities.get(recordKey("health-authority", id))?.healthAuthority ?? undefined;
}

function entityFields(id: string, fields: HealthAuthorityFields): Entity {
  const { issuer, audience, name, statsEnabled, jwksUri = "" } = fields;
  return { id, issuer, audience, name, statsDisabled: !statsEnabled, jwksUri };
}

/** The other health authority with this issuer. */
function issuerTaken({ healthAuthorities }: Deployment, id: string, issuer: string): string | undefined {
  return [...healthAuthorities.values()].find((other) => other.issuer === issuer && other.id !== id)?.id;
}

/** 0 stands for no end. */
function hasEnd({ thruSeconds }: Key): boolean {
  return thruSeconds !== undefined && thruSeconds !== null && thruSeconds !== 0;
}
