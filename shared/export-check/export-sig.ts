import { unreadable } from "./finding.js";
import { readSignatureInfo } from "./signature-info.js";
import type { SignatureInfo } from "./signature-info.js";
import {
  malformed,
  readInt32,
  readLengthDelimited,
  readTag,
  skipField,
  tagOf,
  wire,
  wireCursor,
} from "./wire-cursor.js";
import type { WireCursor } from "./wire-cursor.js";

/** One signature of export.sig (reference server facts, §6.6). */
export interface ExportSignature {
  readonly info: SignatureInfo;
  readonly batchNum: number;
  readonly batchSize: number;
  /** DER of an ECDSA signature. */
  readonly signature: Uint8Array;
}

const signaturesMax = 10;

/** Parses export.sig, a `TEKSignatureList`. An empty file is a list of no signatures. */
export function readExportSig(exportSig: Uint8Array): readonly ExportSignature[] {
  const cursor = wireCursor(exportSig);
  const signatures: ExportSignature[] = [];
  while (cursor.at < cursor.end) {
    const tag = readTag(cursor);
    if (tag === tagOf(1, wire.bytes)) signatures.push(readSignature(cursor, signatures.length));
    else if (tag >>> 3 === 1) malformed("wire type of a signature");
    else skipField(cursor, tag);
  }
  return signatures;
}

function readSignature(outer: WireCursor, position: number): ExportSignature {
  if (position === signaturesMax)
    unreadable("signature_count_differs", `more than ${signaturesMax} signatures`);
  const cursor = wireCursor(outer.bytes, readLengthDelimited(outer), outer.at);
  const found = {
    info: { verificationKeyVersion: "", verificationKeyId: "", signatureAlgorithm: "" } as SignatureInfo,
    batchNum: 0,
    batchSize: 0,
    signature: new Uint8Array() as Uint8Array,
  };
  while (cursor.at < cursor.end) {
    const tag = readTag(cursor);
    if (tag === tagOf(1, wire.bytes)) found.info = readSignatureInfo(...readSpan(cursor));
    else if (tag === tagOf(2, wire.varint)) found.batchNum = readInt32(cursor);
    else if (tag === tagOf(3, wire.varint)) found.batchSize = readInt32(cursor);
    else if (tag === tagOf(4, wire.bytes)) found.signature = readBytes(cursor);
    else if (tag >>> 3 <= 4) malformed(`wire type of field ${tag >>> 3} of a signature`);
    else skipField(cursor, tag);
  }
  return found;
}

function readBytes(cursor: WireCursor): Uint8Array {
  const from = readLengthDelimited(cursor);
  return cursor.bytes.subarray(from, cursor.at);
}

function readSpan(cursor: WireCursor): [Uint8Array, number, number] {
  const from = readLengthDelimited(cursor);
  return [cursor.bytes, from, cursor.at];
}
