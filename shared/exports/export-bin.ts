import protobuf from "protobufjs/minimal.js";
import type { PackedKeys } from "./packed-keys.js";
import { encodeSignatureInfo, type SignatureInfo } from "./signature-info.js";
import { KEY_BYTES_MAX } from "./write-key.js";

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

/** Some of a window's keys: those from index `from` to before index `to`. */
export interface KeySlice {
  readonly packed: PackedKeys;
  readonly from: number;
  readonly to: number;
}

/**
 * The file `export.bin`: the header and a TemporaryExposureKeyExport, byte for byte as the reference server writes it
 * (reference server facts, §6.6). The keys stand in it in the order that they have.
 */
export function encodeExportBin(head: ExportBinHead, keys: KeySlice, revisedKeys: KeySlice): Buffer {
  const headBytes = encodeHead(head);
  const count = keys.to - keys.from + revisedKeys.to - revisedKeys.from;
  // What is not written to is never touched, and so takes no memory.
  const out = Buffer.allocUnsafe(HEADER.length + headBytes.length + count * KEY_BYTES_MAX);
  out.set(HEADER);
  out.set(headBytes, HEADER.length);
  const keysAt = HEADER.length + headBytes.length;
  const keysEnd = keys.packed.copyTo(out, keysAt, 7, keys.from, keys.to);
  const end = revisedKeys.packed.copyTo(out, keysEnd, 8, revisedKeys.from, revisedKeys.to);
  return out.subarray(0, end);
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
