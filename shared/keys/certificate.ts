import { activeKey, type HealthAuthority } from "./health-authority.js";
import { type Decoded, int64, object, string, uint32 } from "./json-schema.js";
import { quoteText } from "./json-text.js";
import { checkEs256, type Jws, parseJws } from "./jws.js";
import { decodeLenientBase64 } from "./lenient-base64.js";
import type { PublishedKey, PublishRequest } from "./publish-request.js";
import { isCertificateReportType, type ReportType } from "./report-type.js";
import { inTekmacOrder, isTekmacValid } from "./tekmac.js";
import { checkTimes } from "./token-times.js";

/** What `verifyCertificate` works on. */
export interface CertificateInput {
  readonly request: Pick<PublishRequest, "temporaryExposureKeys" | "hmacKey" | "verificationPayload">;
  /** The tenant: its name in lower case, and whose certificates it accepts. */
  readonly app: { readonly name: string; readonly allowedHealthAuthorityIds: readonly string[] };
  readonly nowSeconds: number;
  readonly healthAuthorityByIssuer: (issuer: string) => HealthAuthority | undefined;
}

/** What a verified certificate says. */
export interface VerifiedClaims {
  readonly healthAuthorityId: string;
  readonly issuer: string;
  readonly reportType: Exclude<ReportType, "">;
  /** Interval number, unsigned 32-bit; 0 is none. */
  readonly symptomOnsetInterval: number;
}

export type CertificateFailure =
  | "malformed_token"
  | "unsupported_algorithm"
  | "missing_key_id"
  | "unknown_issuer"
  | "audience_mismatch"
  | "no_active_key"
  | "not_valid_yet"
  | "bad_signature"
  | "expired"
  | "issuer_not_allowed"
  | "invalid_report_type"
  | "malformed_tekmac"
  | "malformed_hmac_key"
  | "no_keys"
  | "tekmac_mismatch";

/** In both cases `keys` has the order to go on with: sorted, if the check got as far as the tekmac. */
export type CertificateResult =
  | { readonly ok: true; readonly claims: VerifiedClaims; readonly keys: readonly PublishedKey[] }
  | {
      readonly ok: false;
      readonly reason: CertificateFailure;
      /** Without the prefix `unable to validate diagnosis verification: `. */
      readonly message: string;
      readonly keys: readonly PublishedKey[];
    };

/**
 * Checks a verification certificate against the request that carries it. Reports the first failure in the reference
 * server's order, in its words (reference server facts, §3.2; also §1.5 on the order of the keys).
 */
export async function verifyCertificate(input: CertificateInput): Promise<CertificateResult> {
  const { temporaryExposureKeys: keys } = input.request;
  const parsed = parseJws(input.request.verificationPayload, claimsSchema);
  if (!parsed.ok) return { ...refuse("malformed_token", parsed.message), keys };
  const issued = await checkIssued(parsed.jws, input);
  if (!issued.ok) return { ...issued, keys };
  const reportType = parsed.jws.claims.reportType;
  if (!isCertificateReportType(reportType)) {
    return { ...refuse("invalid_report_type", `invalid report type: ${quoteText(reportType)}`), keys };
  }
  const covered = checkTekmac(parsed.jws.claims.tekmac, input.request);
  if (!covered.ok) return covered;
  const { iss: issuer, symptomOnsetInterval } = parsed.jws.claims;
  const claims = { healthAuthorityId: issued.authority.id, issuer, reportType, symptomOnsetInterval };
  return { ok: true, claims, keys: covered.keys };
}

const claimsSchema = object({
  iss: string,
  aud: string,
  exp: int64,
  iat: int64,
  nbf: int64,
  reportType: string,
  symptomOnsetInterval: uint32,
  tekmac: string,
});

type CertificateJws = Jws<Decoded<typeof claimsSchema>>;

interface Refusal {
  readonly ok: false;
  readonly reason: CertificateFailure;
  readonly message: string;
}

// Steps 2 to 9: that an authority which this tenant accepts made the token, and that its time is right.
async function checkIssued(jws: CertificateJws, input: CertificateInput) {
  const found = findKey(jws, input);
  if (!found.ok) return found;
  const times = checkTimes(jws.claims, input.nowSeconds);
  if (times.isBeforeIat || times.isBeforeNbf) {
    return refuse("not_valid_yet", "not valid yet (NBF or IAT) in the future");
  }
  const badSignature = await checkEs256(jws, found.publicKey);
  if (badSignature !== undefined) return refuse("bad_signature", badSignature);
  if (times.expiredMessage !== undefined) return refuse("expired", times.expiredMessage);
  const { app } = input;
  if (app.allowedHealthAuthorityIds.includes(found.authority.id)) return found;
  return refuse(
    "issuer_not_allowed",
    `app ${app.name} has not authorized health authority issuer: ${jws.claims.iss}`,
  );
}

function findKey({ alg, hasKid, kid, claims }: CertificateJws, input: CertificateInput) {
  if (alg !== "ES256") return refuse("unsupported_algorithm", "unsupported signing method, must be ES256");
  if (!hasKid) return refuse("missing_key_id", "missing required header field, 'kid' indicating key id");
  const authority = input.healthAuthorityByIssuer(claims.iss);
  if (authority === undefined) return refuse("unknown_issuer", `issuer not found: ${claims.iss}`);
  if (claims.aud !== authority.audience) {
    const difference = `(+${claims.aud}, -${authority.audience})`;
    return refuse("audience_mismatch", `audience mismatch for issuer: ${claims.iss} ${difference}`);
  }
  const key = activeKey(authority, kid, input.nowSeconds);
  if (key === undefined) return refuse("no_active_key", "no active public keys for health authority");
  return { ok: true, authority, publicKey: key.publicKey } as const;
}

// Steps 11 and 12. The keys are sorted only once there is something to compare.
function checkTekmac(claim: string, request: CertificateInput["request"]) {
  const keys = request.temporaryExposureKeys;
  const tekmac = decodeLenientBase64(claim);
  if (!tekmac.ok)
    return { ...refuse("malformed_tekmac", `error decoding HMAC from claims: ${tekmac.error}`), keys };
  const secret = decodeLenientBase64(request.hmacKey);
  if (!secret.ok) {
    const message = `error decoding HMAC secret from publish request: ${secret.error}`;
    return { ...refuse("malformed_hmac_key", message), keys };
  }
  if (keys.length === 0) return { ...refuse("no_keys", noKeysMessage), keys };
  const sorted = inTekmacOrder(keys);
  if (isTekmacValid(sorted, secret.bytes, tekmac.bytes)) return { ok: true, keys: sorted } as const;
  return { ...refuse("tekmac_mismatch", mismatchMessage), keys: sorted };
}

const noKeysMessage = "calculating expected HMAC: cannot calculate hmac on empty exposure keys";
// The misspelling is the reference server's, and clients may compare it.
const mismatchMessage = "HMAC mismatch, publish request does not match disgnosis verification certificate";

function refuse(reason: CertificateFailure, message: string): Refusal {
  return { ok: false, reason, message };
}
