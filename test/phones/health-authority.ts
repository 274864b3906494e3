import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { tekmac } from "./tekmac.js";
import type { SentKey } from "./tekmac.js";

/** What a test said, in the words of the certificate's claim (reference server facts, §3.3). */
export type ReportType = "confirmed" | "likely" | "negative" | "user-report";

/** A health authority: who signs verification certificates. */
export interface HealthAuthority {
  readonly issuer: string;
  readonly audience: string;
  /** The `kid` of its certificates. */
  readonly keyVersion: string;
  /** SPKI PEM, as an operator enters it. */
  readonly publicPem: string;
  readonly privateKey: KeyObject;
}

/** What a certificate is to say. Times are Unix seconds. */
export interface CertificateRequest {
  readonly keys: readonly SentKey[];
  /** The phone's secret for the tekmac; the authority in this simulation is told the secret and the keys. */
  readonly hmacSecret: Uint8Array;
  readonly reportType: ReportType;
  readonly symptomOnsetInterval?: number | undefined;
  readonly issuedAtSeconds: number;
  /** Default 900, fifteen minutes. */
  readonly lifeSeconds?: number;
  /** Claims that replace or follow the usual ones; `undefined` takes a claim away. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * Makes a health authority with a new P-256 key pair, or with the given private key (PKCS #8 PEM). The names default
 * to those of the recorded samples.
 */
export function aHealthAuthority(
  changes: { issuer?: string; audience?: string; keyVersion?: string; privatePem?: string } = {},
): HealthAuthority {
  const {
    issuer = "gov.example.doh",
    audience = "exposure-key-server",
    keyVersion = "v1",
    privatePem,
  } = changes;
  const privateKey =
    privatePem === undefined
      ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
      : createPrivateKey(privatePem);
  const publicPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
  return { issuer, audience, keyVersion, publicPem, privateKey };
}

/** Signs a verification certificate: an ES256 JWT (reference server facts, §3.1; RFC 7515 and RFC 7518, §3.4). */
export function signCertificate(authority: HealthAuthority, request: CertificateRequest): string {
  const header = { alg: "ES256", kid: authority.keyVersion, typ: "JWT" };
  const { issuedAtSeconds, lifeSeconds = 900, symptomOnsetInterval } = request;
  const claims = {
    iss: authority.issuer,
    aud: authority.audience,
    iat: issuedAtSeconds,
    nbf: issuedAtSeconds,
    exp: issuedAtSeconds + lifeSeconds,
    reportType: request.reportType,
    ...(symptomOnsetInterval !== undefined && { symptomOnsetInterval }),
    tekmac: tekmac(request.keys, request.hmacSecret),
    ...request.claims,
  };
  return sealed(authority, header, claims);
}

/** Signs a token with which the authority asks for its statistics (reference server facts, §3.7). */
export function signStatsToken(
  authority: HealthAuthority,
  request: { readonly issuedAtSeconds: number; readonly audience?: string; readonly lifeSeconds?: number },
): string {
  const { issuedAtSeconds, audience = "keyserver", lifeSeconds = 60 } = request;
  const header = { alg: "ES256", kid: authority.keyVersion, typ: "JWT" };
  const exp = issuedAtSeconds + lifeSeconds;
  return sealed(authority, header, { iss: authority.issuer, aud: audience, iat: issuedAtSeconds, exp });
}

function sealed({ privateKey }: HealthAuthority, header: object, claims: object): string {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
