import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { tekstream } from "../../schemas/generated/revision/v1/token.js";
import { decodeLenientBase64 } from "./lenient-base64.js";
import {
  decodeTokenContent,
  encodePaddedTokenContent,
  type LogPosition,
  type TokenContent,
  type TokenEntry,
  tokenEntriesDefault,
} from "./token-content.js";

const { RevisionToken } = tekstream.revision.v1;

/** A data key of revision tokens (reference server facts, §4.2). */
export interface TokenKey {
  /** The `kid` of the tokens that it encrypts. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

/** The keys of this deployment, and what every token is bound to. */
export interface TokenKeyRing {
  /** Encrypts new tokens. */
  readonly newest: TokenKey;
  /** By id: all that may still decrypt, the newest among them. */
  readonly byId: ReadonlyMap<string, TokenKey>;
  /** Additional authenticated data. */
  readonly aad: Buffer;
}

/** What a phone's token is worth. `absent`: none, or not base64. `unusable`: it does not decrypt or parse. */
export type TokenState =
  | { readonly kind: "absent" }
  | { readonly kind: "unusable"; readonly message: string }
  | { readonly kind: "valid"; readonly entries: readonly TokenEntry[]; readonly position?: LogPosition };

/**
 * Makes a token, in standard base64. Its length is the same for up to `entriesStep` keys and grows in such steps beyond
 * (reference server facts, §4.1, whose own tokens tell the number of keys by their length).
 */
export function sealRevisionToken(
  content: TokenContent,
  ring: TokenKeyRing,
  entriesStep = tokenEntriesDefault,
): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, ring.newest.secret, nonce).setAAD(ring.aad);
  const parts = [
    nonce,
    cipher.update(encodePaddedTokenContent(content, entriesStep)),
    cipher.final(),
    cipher.getAuthTag(),
  ];
  const envelope = RevisionToken.encode({ kid: ring.newest.id, data: Buffer.concat(parts) }).finish();
  return Buffer.from(envelope).toString("base64");
}

/** Reads the token of a request; the empty text is no token. Messages are the reference server's, for logs only. */
export function openRevisionToken(text: string, ring: TokenKeyRing): TokenState {
  const decoded = decodeLenientBase64(text);
  if (text === "" || !decoded.ok) return { kind: "absent" };
  const envelope = parse(decoded.bytes, RevisionToken);
  if (envelope === undefined) return unusable(`unable to unmarshal proto envelope: ${invalidWireFormat}`);
  const key = ring.byId.get(envelope.kid);
  if (key === undefined) return unusable(unknownKey(envelope.kid));
  if (envelope.data.length < nonceBytes + tagBytes) return unusable("malformed ciphertext");
  const plaintext = decrypt(envelope.data, key.secret, ring.aad);
  if (plaintext === undefined) return unusable(`failed to decrypt ciphertext with dek: ${notAuthentic}`);
  const content = parse(plaintext, { decode: decodeTokenContent });
  if (content === undefined) return unusable(`unable to unmarshal proto payload: ${invalidWireFormat}`);
  return { kind: "valid", ...content };
}

/**
 * The keys of a new token: those of the presented one that have not ended before `endIntervalMin`, in their order, then
 * the keys of this request that are not among them (reference server facts, §4.3). A key that is in both has the proof
 * of this request: it may have been withheld when the presented token was made, and inserted now.
 */
export function nextTokenEntries(
  previous: readonly TokenEntry[],
  current: readonly TokenEntry[],
  endIntervalMin: number,
): TokenEntry[] {
  if (previous.length === 0) return [...current];
  const idOf = ({ tek }: TokenEntry): string => tek.toString("base64");
  const proofs = new Map(current.map((entry) => [idOf(entry), entry.insertedBy]));
  const kept = previous
    .filter((entry) => entry.rollingStartIntervalNumber + entry.rollingPeriod >= endIntervalMin)
    .map((entry) => {
      const proof = proofs.get(idOf(entry));
      return proof === undefined ? entry : { ...entry, insertedBy: proof };
    });
  const known = new Set(kept.map(idOf));
  return kept.concat(current.filter((entry) => !known.has(idOf(entry))));
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const invalidWireFormat = "proto: cannot parse invalid wire-format data";
const notAuthentic = "cipher: message authentication failed";

function parse<Message>(
  bytes: Uint8Array,
  type: { decode(bytes: Uint8Array): Message },
): Message | undefined {
  try {
    return type.decode(bytes);
  } catch {
    return undefined;
  }
}

function unknownKey(kid: string): string {
  if (/^[-+]?[0-9]+$/.test(kid)) return `token has invalid key id: ${kid}`;
  return `invalid key id: strconv.ParseInt: parsing "${kid}": invalid syntax`;
}

function decrypt(data: Uint8Array, secret: Buffer, aad: Buffer): Buffer | undefined {
  const decipher = createDecipheriv(algorithm, secret, data.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(aad).setAuthTag(data.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(data.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function unusable(message: string): TokenState {
  return { kind: "unusable", message };
}
