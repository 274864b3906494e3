import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

const KEY_BYTES = 32;
const PURPOSE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * The secret from which all others of a deployment are derived. It is wrapped in a record so that it can't be taken
 * for a derived key; both are opaque key objects, so that printing one by accident shows nothing.
 */
export interface MasterKey {
  readonly masterKey: KeyObject;
}

/**
 * Reads a master key: 32 random bytes in base64, as `openssl rand -base64 32` prints them; white space around is
 * ignored. Throws an Error that says what is wrong, and never shows the text.
 */
export function parseMasterKey(text: string): MasterKey {
  const trimmed = text.trim();
  if (trimmed === "") throw new Error("the master key is empty");
  const bytes = Buffer.from(trimmed, "base64");
  if (bytes.toString("base64") !== trimmed) throw new Error("the master key is not base64 with padding");
  if (bytes.length !== KEY_BYTES)
    throw new Error(`the master key has ${bytes.length} bytes, it must have ${KEY_BYTES}`);
  if (bytes.every((byte) => byte === bytes[0]))
    throw new Error("the master key is a placeholder, not random");
  return { masterKey: createSecretKey(bytes) };
}

/**
 * Derives the 32-byte key for one purpose, for AES-256 or HMAC-SHA256 (HKDF-SHA256, RFC 5869, without salt, for the
 * master key is random already).
 * Different purposes give unrelated keys; the same purpose gives always the same one.
 *
 * @param purpose small letters, digits and single hyphens, like `wrap-signing-key`; throws a RangeError otherwise.
 */
export function deriveKey(master: MasterKey, purpose: string): KeyObject {
  if (!PURPOSE.test(purpose)) throw new RangeError(`"${purpose}" is no name of a purpose`);
  const bytes = hkdfSync("sha256", master.masterKey, "", `tekstream/v1/${purpose}`, KEY_BYTES);
  return createSecretKey(Buffer.from(bytes));
}
