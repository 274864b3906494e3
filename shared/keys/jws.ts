import { type KeyObject, verify } from "node:crypto";
import { decodeJson } from "./json-decode.js";
import type { Decoded, ObjectSchema } from "./json-schema.js";
import { decodeBase64Url } from "./lenient-base64.js";

/** A compact JWS (RFC 7515) taken apart; its signature is not yet checked. */
export interface Jws<Claims> {
  /** A name that the JWS world knows, not only ES256. */
  readonly alg: string;
  readonly hasKid: boolean;
  /** As the header has it: text, in a good token. */
  readonly kid: unknown;
  readonly claims: Claims;
  /** The text that the signature covers. */
  readonly signingInput: string;
  /** The third segment, in base64. */
  readonly signature: string;
}

export type JwsResult<Claims> =
  | { readonly ok: true; readonly jws: Jws<Claims> }
  | { readonly ok: false; readonly message: string };

/**
 * Takes a token apart and decodes its claims by a schema, in which names match in any letter case and unknown claims
 * are ignored (reference server facts, §3.1 and §3.2, step 1). Messages are the reference server's where they are its own.
 */
export function parseJws<Schema extends ObjectSchema>(
  token: string,
  claimsSchema: Schema,
): JwsResult<Decoded<Schema>> {
  const segments = token.split(".");
  const [head, payload, signature] = segments;
  if (segments.length !== 3 || head === undefined || payload === undefined || signature === undefined) {
    return refuse("token contains an invalid number of segments");
  }
  const header = readHeader(head, token);
  if (typeof header === "string") return refuse(header);
  const claims = readClaims(payload, claimsSchema);
  if (!claims.ok) return refuse(claims.message);
  if (typeof header.alg !== "string") return refuse("signing method (alg) is unspecified.");
  if (!knownAlgorithms.has(header.alg)) return refuse("signing method (alg) is unavailable.");
  const { alg, hasKid, kid } = header;
  const signingInput = `${head}.${payload}`;
  return { ok: true, jws: { alg, hasKid, kid, claims: claims.value, signingInput, signature } };
}

/** Checks an ES256 signature, off the main thread. Undefined: it is right; else why not, in the reference server's words. */
export async function checkEs256(jws: Jws<unknown>, publicKey: KeyObject): Promise<string | undefined> {
  const signature = decodeBase64Url(jws.signature);
  if (!signature.ok) return signature.error;
  const isRight =
    signature.bytes.length === 64 && (await verifyP256(jws.signingInput, publicKey, signature.bytes));
  return isRight ? undefined : "crypto/ecdsa: verification error";
}

const knownAlgorithms = new Set(
  ["none", "EdDSA"].concat(
    ["HS", "RS", "PS", "ES"].flatMap((family) => [`${family}256`, `${family}384`, `${family}512`]),
  ),
);

interface Header {
  readonly alg: unknown;
  readonly hasKid: boolean;
  readonly kid: unknown;
}

function readHeader(segment: string, token: string): Header | string {
  const decoded = decodeBase64Url(segment);
  if (!decoded.ok)
    return /^bearer /i.test(token) ? "tokenstring should not contain 'bearer '" : decoded.error;
  const header = parseObject(decoded.bytes.toString("utf8"));
  if (header === undefined) return "the token's header is not a JSON object";
  return { alg: header.get("alg"), hasKid: header.has("kid"), kid: header.get("kid") };
}

// Header names match exactly, unlike those of claims. Null is an empty header.
function parseObject(text: string): Map<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && !Array.isArray(parsed)
      ? new Map(Object.entries(parsed ?? {}))
      : undefined;
  } catch {
    return undefined;
  }
}

function readClaims<Schema extends ObjectSchema>(segment: string, schema: Schema) {
  const decoded = decodeBase64Url(segment);
  if (!decoded.ok) return { ok: false, message: decoded.error } as const;
  const claims = decodeJson(decoded.bytes.toString("latin1"), schema, "ignore");
  if (claims.ok) return claims;
  const { issue } = claims;
  const what =
    issue.kind === "wrong-type"
      ? `claim "${issue.field}" has the wrong type`
      : "claims are not a JSON object";
  return { ok: false, message: `the token's ${what}` } as const;
}

function refuse(message: string): { ok: false; message: string } {
  return { ok: false, message };
}

function verifyP256(text: string, key: KeyObject, signature: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const data = Buffer.from(text, "utf8");
    verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature, (error, isRight) => {
      if (error === null) resolve(isRight);
      else reject(error);
    });
  });
}
