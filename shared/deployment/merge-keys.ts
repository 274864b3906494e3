import type { KeyObject } from "node:crypto";
import type { HealthAuthority, HealthAuthorityKey } from "../keys/health-authority.js";
import { parsePublicKey } from "../keys/public-key.js";
import type { Changed } from "../topology.js";

// What operators say about a health authority's keys and what its document of keys (JWKS) says are two entities of the
// configuration with one writer each, so that neither can overwrite the other. Here they become one list. Keys are the
// same when their content is; their versions don't matter for that.

type KeyEntity = NonNullable<NonNullable<Changed["healthAuthority"]>["keys"]>[number];

/**
 * The health authority of an entity. Of a key that both know, the operator's word counts; the document may end it
 * earlier, unless an operator has reinstated it since.
 * @throws {Error} when a public key is none.
 */
export function healthAuthority(
  changed: Changed | undefined,
  discovered: readonly HealthAuthorityKey[],
): HealthAuthority | undefined {
  const entity = changed?.healthAuthority;
  if (!entity) return undefined;
  const own = entity.keys ?? [];
  const given = own.map((key) => withDocument(key, discovered));
  const others = discovered
    .filter(({ publicKey }) => !given.some((key) => key.publicKey.equals(publicKey)))
    .map((key) => ({ ...key, discovered: true }) as const);
  return {
    id: entity.id ?? "",
    issuer: entity.issuer ?? "",
    audience: entity.audience ?? "",
    name: entity.name ?? "",
    statsEnabled: entity.statsDisabled !== true,
    // The first valid key of a version is taken: where two claim it, the operator's.
    keys: [...given, ...others],
    ...(entity.jwksUri ? { jwksUri: entity.jwksUri } : {}),
  };
}

/**
 * What the document says.
 * @throws {Error} when a public key is none.
 */
export function discoveredKeys(changed: Changed | undefined): readonly HealthAuthorityKey[] | undefined {
  return changed?.discoveredKeys ? (changed.discoveredKeys.keys ?? []).map(keyOf) : undefined;
}

function withDocument(entity: KeyEntity, discovered: readonly HealthAuthorityKey[]): HealthAuthorityKey {
  const { thruSeconds, ...key } = keyOf(entity);
  const documented = discovered.find(({ publicKey }) => publicKey.equals(key.publicKey))?.thruSeconds;
  const counts = documented !== undefined && documented > (entity.reinstatedAtSeconds ?? 0);
  const ends = [thruSeconds, counts ? documented : undefined].filter((end) => end !== undefined);
  return ends.length === 0 ? key : { ...key, thruSeconds: Math.min(...ends) };
}

function keyOf(entity: KeyEntity): HealthAuthorityKey {
  const key = {
    version: entity.version ?? "",
    fromSeconds: entity.fromSeconds ?? 0,
    publicKey: publicKeyOf(entity.publicKeyPem ?? ""),
  };
  // 0 stands for "no end".
  return entity.thruSeconds ? { ...key, thruSeconds: entity.thruSeconds } : key;
}

function publicKeyOf(pem: string): KeyObject {
  const result = parsePublicKey(pem);
  if (!result.ok) throw new Error(result.error);
  return result.key;
}
