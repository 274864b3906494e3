import protobuf from "protobufjs/minimal.js";
import { encodeSignatureInfo, type SignatureInfo } from "./signature-info.js";

/** One signer's signature of an `export.bin`. */
export interface ExportSignature {
  readonly info: SignatureInfo;
  /** ECDSA, DER. */
  readonly signature: Buffer;
}

/** The file `export.sig`: a TEKSignatureList (reference server facts, §6.6). Without signatures it is empty. */
export function encodeExportSig(signatures: readonly ExportSignature[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const signature of signatures) writer.uint32(0x0a).bytes(encodeSignature(signature));
  return Buffer.from(writer.finish());
}

/** The batch is always number 1 of 1, as in `export.bin`. */
function encodeSignature({ info, signature }: ExportSignature): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(0x0a).bytes(encodeSignatureInfo(info));
  writer.uint32(0x10).int32(1);
  writer.uint32(0x18).int32(1);
  return writer.uint32(0x22).bytes(signature).finish();
}
