import { activeKey, type HealthAuthority } from "./health-authority.js";
import { type Decoded, int64, object, string } from "./json-schema.js";
import { checkEs256, type Jws, parseJws } from "./jws.js";
import { checkTimes } from "./token-times.js";

/** What `verifyStatsToken` works on. */
export interface StatsTokenInput {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** The `aud` that the token must have. */
  readonly audience: string;
  readonly nowSeconds: number;
  readonly healthAuthorityByIssuer: (issuer: string) => HealthAuthority | undefined;
}

export type StatsTokenFailure =
  | "missing_token"
  | "malformed_token"
  | "unsupported_algorithm"
  | "missing_key_id"
  | "invalid_key_id"
  | "unknown_issuer"
  | "stats_disabled"
  | "no_active_key"
  | "bad_signature"
  | "not_valid_yet"
  | "expired"
  | "audience_mismatch";

export type StatsTokenResult =
  | { readonly ok: true; readonly healthAuthority: HealthAuthority }
  | {
      readonly ok: false;
      readonly reason: StatsTokenFailure;
      /** The answer's `error`, whole (HTTP 401, `unauthorized`). */
      readonly message: string;
    };

/** Checks the bearer token with which a health authority asks for its statistics (reference server facts, §3.7). */
export async function verifyStatsToken(input: StatsTokenInput): Promise<StatsTokenResult> {
  const { authorization } = input;
  if (authorization === undefined || !authorization.startsWith(bearer)) {
    return {
      ok: false,
      reason: "missing_token",
      message: "Authorization header is not in `Bearer <token>` format",
    };
  }
  const parsed = parseJws(authorization.slice(bearer.length), claimsSchema);
  if (!parsed.ok) return refuse("malformed_token", parsed.message);
  const found = findKey(parsed.jws, input);
  if (!found.ok) return found;
  const badSignature = await checkEs256(parsed.jws, found.publicKey);
  if (badSignature !== undefined) return refuse("bad_signature", badSignature);
  const wrongTime = findWrongTime(parsed.jws, input.nowSeconds);
  if (wrongTime !== undefined) return wrongTime;
  if (parsed.jws.claims.aud === input.audience) return { ok: true, healthAuthority: found.healthAuthority };
  return { ok: false, reason: "audience_mismatch", message: "unauthorized, audience mismatch" };
}

const bearer = "Bearer ";

const claimsSchema = object({ iss: string, aud: string, exp: int64, iat: int64, nbf: int64 });

type StatsJws = Jws<Decoded<typeof claimsSchema>>;

function findKey({ alg, hasKid, kid, claims }: StatsJws, input: StatsTokenInput) {
  if (alg !== "ES256") return refuse("unsupported_algorithm", "unsupported signing method, must be ES256");
  if (!hasKid || kid === null) return refuse("missing_key_id", "missing 'kid' header in token");
  if (typeof kid !== "string") return refuse("invalid_key_id", "invalid 'kid' field in token");
  const healthAuthority = input.healthAuthorityByIssuer(claims.iss);
  if (healthAuthority === undefined) return refuse("unknown_issuer", `issuer not found: ${claims.iss}`);
  if (!healthAuthority.statsEnabled) return refuse("stats_disabled", "API access forbidden");
  const key = activeKey(healthAuthority, kid, input.nowSeconds);
  if (key !== undefined) return { ok: true, healthAuthority, publicKey: key.publicKey } as const;
  // The space at the end is the reference server's.
  return refuse("no_active_key", `key not found: kid: ${kid} iss: ${claims.iss} `);
}

function findWrongTime(jws: StatsJws, nowSeconds: number) {
  const times = checkTimes(jws.claims, nowSeconds);
  if (times.isBeforeNbf) return refuse("not_valid_yet", "token is not valid yet");
  if (times.isBeforeIat) return refuse("not_valid_yet", "Token used before issued");
  return times.expiredMessage === undefined ? undefined : refuse("expired", times.expiredMessage);
}

function refuse(reason: StatsTokenFailure, message: string) {
  return { ok: false, reason, message: `unauthorized: ${message}` } as const;
}
