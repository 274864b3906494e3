import { createHash, createPrivateKey } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { encodeEcdsaDer } from "./ecdsa-der.js";
import { ECDSA_P256_SHA256_OID } from "./signature-info.js";
import type { Signer } from "./signer.js";

/**
 * A signer with a private key in memory. Its signatures are deterministic (RFC 6979), so that building an export again
 * gives the same zip; node:crypto has no such signatures.
 *
 * Throws when the text is not the PEM (PKCS#8) of a private P-256 key. No message ever shows the key.
 */
export function localSigner(
  privateKeyPem: string,
  names: { readonly verificationKeyId: string; readonly verificationKeyVersion: string },
): Signer {
  const secretKey = p256SecretKey(privateKeyPem);
  const { verificationKeyId, verificationKeyVersion } = names;
  return {
    info: { verificationKeyId, verificationKeyVersion, algorithm: ECDSA_P256_SHA256_OID },
    sign: async (exportBin) => signDeterministically(secretKey, exportBin),
  };
}

/** The file is hashed by node:crypto, many times as fast as the curve's package would. */
function signDeterministically(secretKey: Uint8Array, exportBin: Uint8Array): Buffer {
  const hash = createHash("sha256").update(exportBin).digest();
  return encodeEcdsaDer(p256.sign(hash, secretKey, { prehash: false, lowS: false, format: "compact" }));
}

function p256SecretKey(privateKeyPem: string): Uint8Array {
  const key = parsePrivateKey(privateKeyPem);
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new Error("the export signing key is not a P-256 key");
  return Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
}

function parsePrivateKey(privateKeyPem: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey({ key: privateKeyPem, format: "pem" });
  } catch (cause) {
    throw new Error("the export signing key is not a private key in PEM (PKCS#8)", { cause });
  }
}
