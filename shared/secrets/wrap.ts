import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

export type UnwrapReason = "too-short" | "unknown-version" | "wrong-key-or-context";

const REASON_TEXTS: Record<UnwrapReason, string> = {
  "too-short": "the wrapped secret is too short to be one",
  "unknown-version": "the wrapped secret has a format that this version does not know",
  "wrong-key-or-context": "the wrapped secret was damaged, or belongs to another master key or another entry",
};

/** Thrown by {@link unwrap}; the reason is closed, the message is for an operator and shows no secret. */
export class UnwrapError extends Error {
  override readonly name = "UnwrapError";
  constructor(readonly reason: UnwrapReason) {
    super(REASON_TEXTS[reason]);
  }
}

/**
 * Encrypts a secret for storage: version (1 byte), nonce (12), AES-256-GCM ciphertext, tag (16). The nonce is random,
 * so that wrapping twice gives different bytes.
 *
 * @param key from `deriveKey`, 32 bytes.
 * @param context what the secret is and whose, like `signing-key/310-v1`; authenticated and not stored, so that a
 * wrapped secret can't be moved to another entry.
 */
export function wrap(key: KeyObject, plaintext: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticatedData(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, ciphertext, cipher.getAuthTag()]);
}

/** Decrypts what {@link wrap} made with the same key and context; throws an {@link UnwrapError}. */
export function unwrap(key: KeyObject, wrapped: Uint8Array, context: string): Buffer {
  if (wrapped.length < OVERHEAD_BYTES) throw new UnwrapError("too-short");
  if (wrapped[0] !== VERSION) throw new UnwrapError("unknown-version");
  const nonce = wrapped.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(authenticatedData(context));
  decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES));
  const plaintext = decipher.update(wrapped.subarray(1 + NONCE_BYTES, wrapped.length - TAG_BYTES));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    throw new UnwrapError("wrong-key-or-context");
  }
}

/** The version is authenticated too, so that no later format can be passed off as this one. */
function authenticatedData(context: string): Buffer {
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(context, "utf8")]);
}
