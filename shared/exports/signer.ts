import type { SignatureInfo } from "./signature-info.js";

/** Signs export files: a local key, or a key that never leaves a key management service. */
export interface Signer {
  /** Written into both files, so that phones find the public key. */
  readonly info: SignatureInfo;
  /**
   * Signs SHA-256 of the whole `export.bin`, header included, and resolves to the signature in DER. A signer that is
   * not deterministic makes the zip, but not `export.bin`, differ from one build to the next.
   */
  sign(exportBin: Uint8Array): Promise<Buffer>;
}
