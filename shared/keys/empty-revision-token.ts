import { randomBytes } from "node:crypto";
import { tekstream } from "../../schemas/generated/revision/v1/token.js";
import { sealRevisionToken, type TokenKeyRing } from "./revision-token.js";

const { RevisionToken } = tekstream.revision.v1;

/** Text like a revision token of so many bytes, naming the current key: but there is nothing in it to open. */
export function emptyRevisionToken(ring: TokenKeyRing, bytes: number): string {
  const envelope = (dataBytes: number): Uint8Array =>
    RevisionToken.encode({ kid: ring.newest.id, data: randomBytes(dataBytes) }).finish();
  const aroundBytes = envelope(bytes).length - bytes;
  return Buffer.from(envelope(Math.max(0, bytes - aroundBytes))).toString("base64");
}

/** The bytes of a token for the keys that most phones have. */
export function usualTokenBytes(ring: TokenKeyRing, entriesStep: number): number {
  return Buffer.byteLength(sealRevisionToken({ entries: [] }, ring, entriesStep), "base64");
}
