import { generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";

/** A key pair of a health authority, and its public half as a document lists it. */
export interface ListedPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey & { readonly kid: string };
}

export function aListedKey(kid = "v1", changes: object = {}): ListedPair {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { publicKey, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid, ...changes } };
}
