import { verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { ExportSignature } from "./export-sig.js";
import type { Report } from "./finding.js";
import type { SignatureInfo } from "./signature-info.js";

/** How strictly signatures are checked. */
export interface SignaturePolicy {
  /** Public keys by `signerName`. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** What to do with a signer whose public key is not given; one signer has to be known in any case. */
  readonly unknownSigners: "refused" | "skipped";
  /** What to do with an export that nobody signed. */
  readonly unsigned: "refused" | "accepted";
}

const ecdsaWithSha256 = "1.2.840.10045.4.3.2";

/** The name under which a public key is looked up. */
export function signerName(id: string, version: string): string {
  return `${id}\n${version}`;
}

/**
 * Checks that export.sig holds as many signatures as export.bin announces, for the same signers in the same order,
 * each valid over all of export.bin, its header included (reference server facts, §6.6).
 */
export function checkSignatures(
  exportBin: Uint8Array,
  infos: readonly SignatureInfo[],
  signatures: readonly ExportSignature[],
  policy: SignaturePolicy,
  report: Report,
): void {
  if (infos.length !== signatures.length) {
    report("signature_count_differs", `${infos.length} announced, ${signatures.length} present`);
    return;
  }
  if (infos.length === 0 && policy.unsigned === "refused") report("unsigned", "no signature");
  let known = 0;
  for (const [position, info] of infos.entries()) {
    const signature = signatures[position];
    if (signature !== undefined && checkSignature(exportBin, info, signature, policy, report)) known++;
  }
  if (infos.length > 0 && known === 0) report("public_key_unknown", "no signature by a known key");
}

/** Whether the signer is known; what is wrong goes to the report. */
function checkSignature(
  exportBin: Uint8Array,
  info: SignatureInfo,
  signature: ExportSignature,
  policy: SignaturePolicy,
  report: Report,
): boolean {
  const name = `${info.verificationKeyId}.${info.verificationKeyVersion}`;
  checkInfo(info, signature, name, report);
  const publicKey = policy.publicKeys.get(signerName(info.verificationKeyId, info.verificationKeyVersion));
  if (publicKey === undefined) {
    if (policy.unknownSigners === "refused") report("public_key_unknown", name);
    return false;
  }
  // Any DER that is not in its one canonical form is invalid too.
  const valid = verify("sha256", exportBin, { key: publicKey, dsaEncoding: "der" }, signature.signature);
  if (!valid) report("signature_invalid", name);
  return true;
}

function checkInfo(info: SignatureInfo, signature: ExportSignature, name: string, report: Report): void {
  if (!sameInfo(info, signature.info)) report("signature_info_differs", name);
  if (signature.batchNum !== 1 || signature.batchSize !== 1) report("batch_not_one_of_one", "in export.sig");
  if (info.signatureAlgorithm !== ecdsaWithSha256) {
    report("signature_algorithm_unknown", info.signatureAlgorithm);
  }
  const wellFormed = /^[A-Za-z0-9_.]*$/;
  if (!wellFormed.test(info.verificationKeyId) || !wellFormed.test(info.verificationKeyVersion)) {
    report("signature_info_malformed", "characters that phones don't accept in a key id or version");
  }
}

function sameInfo(a: SignatureInfo, b: SignatureInfo): boolean {
  return (
    a.verificationKeyId === b.verificationKeyId &&
    a.verificationKeyVersion === b.verificationKeyVersion &&
    a.signatureAlgorithm === b.signatureAlgorithm
  );
}
