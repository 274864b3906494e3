import type { ExportLimits } from "./export-limits.js";
import { readKeyTable } from "./key-table.js";
import type { KeyTable } from "./key-table.js";
import { unreadable } from "./finding.js";
import { readSignatureInfo } from "./signature-info.js";
import type { SignatureInfo } from "./signature-info.js";
import {
  malformed,
  readFixed64,
  readInt32,
  readLengthDelimited,
  readString,
  readTag,
  skipField,
  tagOf,
  wire,
  wireCursor,
} from "./wire-cursor.js";
import type { WireCursor } from "./wire-cursor.js";

/** What export.bin says, before anybody asked whether it is plausible. Times are Unix seconds. */
export interface ExportBin {
  readonly startSeconds: number | undefined;
  readonly endSeconds: number | undefined;
  readonly region: string | undefined;
  readonly batchNum: number | undefined;
  readonly batchSize: number | undefined;
  readonly signatureInfos: readonly SignatureInfo[];
  readonly keys: KeyTable;
  readonly revisedKeys: KeyTable;
}

/** Everything but the keys, which are only counted. */
interface Envelope {
  startSeconds: number | undefined;
  endSeconds: number | undefined;
  region: string | undefined;
  batchNum: number | undefined;
  batchSize: number | undefined;
  readonly signatureInfos: SignatureInfo[];
  keys: number;
  revisedKeys: number;
}

const header = Buffer.from("EK Export v1    ", "latin1");
const signatureInfosMax = 10;
const lastKnownField = 8;
const keysTag = tagOf(7, wire.bytes);
const revisedKeysTag = tagOf(8, wire.bytes);

/**
 * Parses export.bin (reference server facts, §6.6) in two passes: the first reads everything but the keys and
 * counts them, so that the second fills columns of the right size.
 */
export function readExportBin(exportBin: Buffer, limits: ExportLimits): ExportBin {
  if (!exportBin.subarray(0, header.length).equals(header))
    unreadable("header_wrong", "not `EK Export v1    `");
  const envelope = readEnvelope(exportBin);
  const keys = envelope.keys + envelope.revisedKeys;
  if (keys > limits.keysMax) unreadable("too_many_keys", `${keys} keys`);
  return {
    ...envelope,
    keys: readKeys(exportBin, keysTag, envelope.keys),
    revisedKeys: readKeys(exportBin, revisedKeysTag, envelope.revisedKeys),
  };
}

function readKeys(exportBin: Buffer, tag: number, count: number): KeyTable {
  return readKeyTable(wireCursor(exportBin, header.length), tag, count);
}

function readEnvelope(exportBin: Buffer): Envelope {
  const envelope: Envelope = {
    startSeconds: undefined,
    endSeconds: undefined,
    region: undefined,
    batchNum: undefined,
    batchSize: undefined,
    signatureInfos: [],
    keys: 0,
    revisedKeys: 0,
  };
  const cursor = wireCursor(exportBin, header.length);
  while (cursor.at < cursor.end) readEnvelopeField(cursor, readTag(cursor), envelope);
  return envelope;
}

function readEnvelopeField(cursor: WireCursor, tag: number, envelope: Envelope): void {
  if (tag === keysTag) envelope.keys++;
  if (tag === revisedKeysTag) envelope.revisedKeys++;
  if (tag === keysTag || tag === revisedKeysTag) readLengthDelimited(cursor);
  else if (tag === tagOf(1, wire.fixed64)) envelope.startSeconds = readFixed64(cursor);
  else if (tag === tagOf(2, wire.fixed64)) envelope.endSeconds = readFixed64(cursor);
  else if (tag === tagOf(3, wire.bytes)) envelope.region = readString(cursor);
  else if (tag === tagOf(4, wire.varint)) envelope.batchNum = readInt32(cursor);
  else if (tag === tagOf(5, wire.varint)) envelope.batchSize = readInt32(cursor);
  else if (tag === tagOf(6, wire.bytes)) addSignatureInfo(cursor, envelope.signatureInfos);
  else if (tag >>> 3 <= lastKnownField) malformed(`wire type of field ${tag >>> 3}`);
  else skipField(cursor, tag);
}

function addSignatureInfo(cursor: WireCursor, infos: SignatureInfo[]): void {
  if (infos.length === signatureInfosMax) {
    unreadable("too_many_signature_infos", `more than ${signatureInfosMax}`);
  }
  const from = readLengthDelimited(cursor);
  infos.push(readSignatureInfo(cursor.bytes, from, cursor.at));
}
