import type { KeyObject } from "node:crypto";

/** A key with which a health authority signs (reference server facts, §3.5). */
export interface HealthAuthorityKey {
  /** Compared with the token's `kid`. */
  readonly version: string;
  /** Valid after this time (unix seconds). */
  readonly fromSeconds: number;
  /** Valid before this time (unix seconds); absent: no end. */
  readonly thruSeconds?: number;
  /** P-256. */
  readonly publicKey: KeyObject;
  /** It comes from the health authority's document of keys alone; no operator has given it or decided about it. */
  readonly discovered?: true;
}

/** An issuer of verification certificates (reference server facts, §3.5). */
export interface HealthAuthority {
  readonly id: string;
  /** The `iss` of its tokens; unique. */
  readonly issuer: string;
  /** The `aud` that its certificates must carry. */
  readonly audience: string;
  readonly name: string;
  readonly keys: readonly HealthAuthorityKey[];
  /** Where it lists its keys (JWKS, §3.6); absent: nowhere. */
  readonly jwksUri?: string;
  /** It may read its statistics. */
  readonly statsEnabled: boolean;
}

/** The key of that version which is valid now; a `kid` that is not text matches none. */
export function activeKey(
  authority: HealthAuthority,
  kid: unknown,
  nowSeconds: number,
): HealthAuthorityKey | undefined {
  return authority.keys.find((key) => key.version === kid && isActive(key, nowSeconds));
}

function isActive({ fromSeconds, thruSeconds }: HealthAuthorityKey, nowSeconds: number): boolean {
  return fromSeconds < nowSeconds && (thruSeconds === undefined || thruSeconds > nowSeconds);
}
