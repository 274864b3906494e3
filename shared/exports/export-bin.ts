import protobuf from "protobufjs/minimal.js";
import type { ExportKey } from "./export-key.js";
import { encodeSignatureInfo, type SignatureInfo } from "./signature-info.js";
import { encodeSortedKeys } from "./sorted-keys.js";

/** 16 bytes, filled up with spaces. */
const HEADER = Buffer.from("EK Export v1    ", "ascii");

/** What one `export.bin` says besides its keys. */
export interface ExportBinHead {
  /** Unix seconds. */
  readonly startSeconds: number;
  /** Unix seconds; the caller has added the file number if the window has several files. */
  readonly endSeconds: number;
  /** The output region; may be empty, and is written all the same. */
  readonly region: string;
  /** In the order in which `export.sig` will carry the signatures. */
  readonly signatureInfos: readonly SignatureInfo[];
}

/** What one `export.bin` says, with its keys in any order. */
export interface ExportBinContent extends ExportBinHead {
  readonly keys: readonly ExportKey[];
  readonly revisedKeys: readonly ExportKey[];
}

/**
 * The file `export.bin`: the header and a TemporaryExposureKeyExport, byte for byte as the reference server writes it
 * (reference server facts, §6.6), with both lists of keys sorted by TEK.
 *
 * Throws a RangeError when a TEK has not 16 bytes.
 */
export function encodeExportBin(content: ExportBinContent): Buffer {
  const keys = encodeSortedKeys(7, content.keys);
  return joinExportBin(content, keys.bytes, encodeSortedKeys(8, content.revisedKeys).bytes);
}

/** The same from keys that are encoded and sorted already. */
export function joinExportBin(head: ExportBinHead, keyBytes: Buffer, revisedKeyBytes: Buffer): Buffer {
  return Buffer.concat([HEADER, encodeHead(head), keyBytes, revisedKeyBytes]);
}

/** Fields 1 to 6. The batch is always number 1 of 1: phones ignore anything else. */
function encodeHead(head: ExportBinHead): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(0x09).fixed64(head.startSeconds);
  writer.uint32(0x11).fixed64(head.endSeconds);
  writer.uint32(0x1a).string(head.region);
  writer.uint32(0x20).int32(1);
  writer.uint32(0x28).int32(1);
  for (const info of head.signatureInfos) writer.uint32(0x32).bytes(encodeSignatureInfo(info));
  return writer.finish();
}
