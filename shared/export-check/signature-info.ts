import { malformed, readString, readTag, skipField, tagOf, wire, wireCursor } from "./wire-cursor.js";

/** Which key signed, and how (reference server facts, §6.6). Absent fields read as empty strings. */
export interface SignatureInfo {
  readonly verificationKeyVersion: string;
  readonly verificationKeyId: string;
  readonly signatureAlgorithm: string;
}

/** Parses a `SignatureInfo` message that lies in `bytes` from `from` to `end`. */
export function readSignatureInfo(bytes: Uint8Array, from: number, end: number): SignatureInfo {
  const cursor = wireCursor(bytes, from, end);
  const info = { verificationKeyVersion: "", verificationKeyId: "", signatureAlgorithm: "" };
  while (cursor.at < end) {
    const tag = readTag(cursor);
    if (tag === tagOf(3, wire.bytes)) info.verificationKeyVersion = readString(cursor);
    else if (tag === tagOf(4, wire.bytes)) info.verificationKeyId = readString(cursor);
    else if (tag === tagOf(5, wire.bytes)) info.signatureAlgorithm = readString(cursor);
    else if (tag >>> 3 >= 3 && tag >>> 3 <= 5) malformed("wire type of a signature info");
    else skipField(cursor, tag);
  }
  return info;
}
