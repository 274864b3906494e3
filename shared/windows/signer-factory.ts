import type { SigningKeyRecord } from "../deployment/deployment.js";
import { localSigner } from "../exports/local-signer.js";
import type { Signer } from "../exports/signer.js";
import { deriveKey, parseMasterKey } from "../secrets/master-key.js";
import { unwrap } from "../secrets/wrap.js";

/** Makes signers of wrapped signing keys; each is unwrapped once. */
export function signerFactory(masterKeyText: string): (key: SigningKeyRecord) => Signer {
  const wrappingKey = deriveKey(parseMasterKey(masterKeyText), "wrap-signing-key");
  const signers = new Map<string, Signer>();
  return (key) => {
    const cacheKey = `${key.id}/${key.wrappedPrivateKey.toString("base64")}`;
    const found = signers.get(cacheKey);
    if (found !== undefined) return found;
    const pem = unwrap(wrappingKey, key.wrappedPrivateKey, `signing-key/${key.id}`).toString("utf8");
    const created = localSigner(pem, key);
    signers.set(cacheKey, created);
    return created;
  };
}
