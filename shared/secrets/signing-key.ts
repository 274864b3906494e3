import { generateKeyPairSync } from "node:crypto";

const NAME = /^[a-zA-Z0-9_.]+$/;
const NAME_CHARACTERS_MAX = 64;

/** A new export signing key and what phones need to find it. */
export interface SigningKeyPair {
  readonly verificationKeyId: string;
  readonly verificationKeyVersion: string;
  /** PKCS#8, P-256. Secret: wrap it before it is stored. */
  readonly privateKeyPem: string;
  /** PKIX, P-256. What the health authority hands to the phones' vendors. */
  readonly publicKeyPem: string;
}

export type CreateSigningKeyOutcome =
  | { readonly kind: "created"; readonly pair: SigningKeyPair }
  | {
      readonly kind: "rejected";
      readonly reason: "bad-verification-key-id" | "bad-verification-key-version";
    };

/**
 * Creates a key pair for signing exports.
 *
 * Id and version have 1 to 64 of the characters that phones accept: letters, digits and underscores; Apple's also
 * accept periods, so these are let through (reference server facts, §6.7).
 */
export function createSigningKey(
  verificationKeyId: string,
  verificationKeyVersion: string,
): CreateSigningKeyOutcome {
  if (!isSigningKeyName(verificationKeyId)) return { kind: "rejected", reason: "bad-verification-key-id" };
  if (!isSigningKeyName(verificationKeyVersion))
    return { kind: "rejected", reason: "bad-verification-key-version" };
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const pair = {
    verificationKeyId,
    verificationKeyVersion,
    privateKeyPem: privateKey,
    publicKeyPem: publicKey,
  };
  return { kind: "created", pair };
}

/** Whether a text may be a verification key's id or version. */
export function isSigningKeyName(text: string): boolean {
  return text.length <= NAME_CHARACTERS_MAX && NAME.test(text);
}
