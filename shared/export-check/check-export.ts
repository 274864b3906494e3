import { createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { checkKeys } from "./check-keys.js";
import { checkSignatures, signerName } from "./check-signatures.js";
import type { SignaturePolicy } from "./check-signatures.js";
import { readExportBin } from "./export-bin.js";
import type { ExportBin } from "./export-bin.js";
import { exportLimits } from "./export-limits.js";
import type { ExportLimits } from "./export-limits.js";
import { readExportSig } from "./export-sig.js";
import { collectFindings, unreadable } from "./finding.js";
import type { Finding, Report } from "./finding.js";
import type { KeyTable } from "./key-table.js";
import type { SignatureInfo } from "./signature-info.js";
import { readZipContent } from "./zip-content.js";

/** A public key that an export may be signed with: the signature info's id and version, and its SPKI PEM. */
export interface ExportPublicKey {
  readonly id: string;
  readonly version: string;
  readonly pem: string;
}

/** How an export is checked. Only the public keys have no default. */
export interface CheckExportOptions {
  readonly publicKeys: readonly ExportPublicKey[];
  /** Default `refused`: every announced signature has to be by a given key. */
  readonly unknownSigners?: "refused" | "skipped";
  /** Default `refused`: phones take no unsigned export, though the format has them. */
  readonly unsigned?: "refused" | "accepted";
  /** Bounds that differ from `exportLimits`. */
  readonly limits?: Partial<ExportLimits>;
}

/** A sound export. Times are Unix seconds. */
export interface CheckedExport {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly region: string;
  readonly signatureInfos: readonly SignatureInfo[];
  readonly keys: KeyTable;
  readonly revisedKeys: KeyTable;
  /** All of export.bin, header included: what was signed. */
  readonly exportBin: Uint8Array;
}

/** Either the export, or everything found wrong with it: at least one finding, at most one a reason. */
export type ExportCheck =
  | { readonly ok: true; readonly export: CheckedExport }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * Checks an export file as a phone does, knowing nothing of the code that wrote it: container, wire format,
 * window, keys, signatures (reference server facts, §6.6 and §6.7). It never throws because of the file; it
 * throws a `TypeError` when a public key of the options is not a P-256 key.
 */
export function checkExport(zip: Uint8Array, options: CheckExportOptions): ExportCheck {
  const limits = { ...exportLimits, ...options.limits };
  const policy = policyOf(options);
  const { result, findings } = collectFindings((report) => {
    const { exportBin, exportSig } = readZipContent(zip, limits);
    const bin = readExportBin(exportBin, limits);
    const envelope = checkEnvelope(bin, report);
    checkKeys("keys", bin.keys, envelope, limits, report);
    checkKeys("revisedKeys", bin.revisedKeys, envelope, limits, report);
    checkSignatures(exportBin, bin.signatureInfos, readExportSig(exportSig), policy, report);
    const { signatureInfos, keys, revisedKeys } = bin;
    return { ...envelope, signatureInfos, keys, revisedKeys, exportBin };
  });
  return result !== undefined && findings.length === 0
    ? { ok: true, export: result }
    : { ok: false, findings };
}

function policyOf(options: CheckExportOptions): SignaturePolicy {
  const { publicKeys, unknownSigners = "refused", unsigned = "refused" } = options;
  const entries = publicKeys.map(({ id, version, pem }) => [signerName(id, version), p256Key(pem)] as const);
  return { publicKeys: new Map(entries), unknownSigners, unsigned };
}

function p256Key(pem: string): KeyObject {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new TypeError("a public key is not on P-256");
  return key;
}

type Envelope = Pick<CheckedExport, "startSeconds" | "endSeconds" | "region">;

function checkEnvelope(bin: ExportBin, report: Report): Envelope {
  const { startSeconds = 0, endSeconds = 0, region, batchNum, batchSize } = bin;
  if (startSeconds <= 0 || endSeconds <= startSeconds) {
    // Whether keys are plausible can't be told without a window.
    unreadable("window_invalid", `from ${startSeconds} to ${endSeconds}`);
  }
  // A region may be empty, but it is always written.
  if (region === undefined) report("region_missing", "export.bin names no region");
  if (batchNum !== 1 || batchSize !== 1) report("batch_not_one_of_one", "in export.bin");
  return { startSeconds, endSeconds, region: region ?? "" };
}
