import protobuf from "protobufjs/minimal.js";

/** ECDSA on P-256 with SHA-256, the only algorithm that phones accept. */
export const ECDSA_P256_SHA256_OID = "1.2.840.10045.4.3.2";

/** Tells a phone which of its public keys verifies a signature. */
export interface SignatureInfo {
  /** By custom the mobile country code. */
  readonly verificationKeyId: string;
  readonly verificationKeyVersion: string;
  readonly algorithm: typeof ECDSA_P256_SHA256_OID;
}

/** The SignatureInfo message (reference server facts, §6.6): an empty id or version is omitted. */
export function encodeSignatureInfo(info: SignatureInfo): Uint8Array {
  const writer = protobuf.Writer.create();
  if (info.verificationKeyVersion !== "") writer.uint32(0x1a).string(info.verificationKeyVersion);
  if (info.verificationKeyId !== "") writer.uint32(0x22).string(info.verificationKeyId);
  return writer.uint32(0x2a).string(info.algorithm).finish();
}
