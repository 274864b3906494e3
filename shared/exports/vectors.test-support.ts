import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { z } from "zod";
import { encodeExportBin, type ExportBinHead, type KeySlice } from "./export-bin.js";
import type { ExportKey, ExportReportType } from "./export-key.js";
import { PackedKeys } from "./packed-keys.js";
import type { ExportSignature } from "./export-sig.js";
import { ECDSA_P256_SHA256_OID, type SignatureInfo } from "./signature-info.js";

const VECTORS = new URL("../../test/vectors/export/", import.meta.url);

/** The directories of files that the reference server built. */
export const EXPORT_VECTORS = [
  "01-primary-and-revised",
  "02-two-signers-newest-first",
  "04-no-signers",
  "05-revised-only",
] as const;
export type ExportVectorName = (typeof EXPORT_VECTORS)[number];

const REPORT_TYPES = ["confirmed", "likely", "negative", "user-report", ""] as const;
const reportType = z.enum(REPORT_TYPES);
const keySchema = z.object({
  exposure_key_hex: z.string(),
  transmission_risk: z.number(),
  interval_number: z.number(),
  interval_count: z.number(),
  report_type: reportType,
  days_since_symptom_onset: z.number().nullable(),
  revised_report_type: reportType.optional(),
  revised_days_since_symptom_onset: z.number().optional(),
});
const inputSchema = z.object({
  batch_start_unix: z.number(),
  batch_end_unix: z.number(),
  output_region: z.string(),
  filename_root: z.string(),
  signers: z
    .array(
      z.object({
        key_file: z.string(),
        verification_key_id: z.string(),
        verification_key_version: z.string(),
      }),
    )
    .nullable(),
  keys: z.array(keySchema).nullable(),
  revised_keys: z.array(keySchema).nullable(),
});
const expectedSchema = z.object({
  export_bin_sha256: z.string(),
  export_sig: z.object({ signatures: z.array(z.object({ signature: z.base64() })).optional() }),
  object_name: z.string(),
  index_object_name: z.string(),
});

/** What one `export.bin` says, with its keys in any order. */
export interface ExportBinContent extends ExportBinHead {
  readonly keys: readonly ExportKey[];
  readonly revisedKeys: readonly ExportKey[];
}

/** The file with this content, both lists sorted. */
export function exportBinOf(content: ExportBinContent): Buffer {
  return encodeExportBin(content, sortedSlice(content.keys), sortedSlice(content.revisedKeys));
}

/** The keys as a window collects them. */
export function packed(keys: readonly ExportKey[]): PackedKeys {
  const all = new PackedKeys();
  for (const key of keys) all.add(key);
  return all;
}

function sortedSlice(keys: readonly ExportKey[]): KeySlice {
  const all = packed(keys);
  all.sort();
  return { packed: all, from: 0, to: all.count };
}

/** One of the reference server's files, as our builder's input and its expected output. */
export interface ExportVector {
  readonly filenameRoot: string;
  readonly content: ExportBinContent;
  readonly signatures: readonly ExportSignature[];
  readonly signerKeyFiles: readonly string[];
  readonly exportBin: Buffer;
  readonly exportBinSha256: string;
  readonly exportSig: Buffer;
  readonly zip: Buffer;
  readonly objectName: string;
  readonly indexObjectName: string;
}

/** Reads a vector. Its revised keys carry the original risk, a defect of the reference server. */
export function exportVector(name: ExportVectorName): ExportVector {
  const input = inputSchema.parse(JSON.parse(readVector(`${name}/input.json`).toString()));
  const expected = expectedSchema.parse(JSON.parse(readVector(`${name}/expected.json`).toString()));
  const signatureInfos = (input.signers ?? []).map((signer) =>
    aSignatureInfo(signer.verification_key_id, signer.verification_key_version),
  );
  const recorded = expected.export_sig.signatures ?? [];
  return {
    filenameRoot: input.filename_root,
    content: {
      startSeconds: input.batch_start_unix,
      endSeconds: input.batch_end_unix,
      region: input.output_region,
      signatureInfos,
      keys: (input.keys ?? []).map(primaryKey),
      revisedKeys: (input.revised_keys ?? []).map(revisedKey),
    },
    signatures: signatureInfos.map((info, i) => ({
      info,
      signature: Buffer.from(recorded[i]?.signature ?? "", "base64"),
    })),
    signerKeyFiles: (input.signers ?? []).map((signer) => signer.key_file),
    exportBin: readVectorHex(`${name}/export.bin.hex`),
    exportBinSha256: expected.export_bin_sha256,
    exportSig: readVectorHex(`${name}/export.sig.hex`),
    zip: readVector(`${name}/export.zip`),
    objectName: expected.object_name,
    indexObjectName: expected.index_object_name,
  };
}

/** A file of the vectors, by its path below their folder. */
export function readVector(path: string): Buffer {
  return readFileSync(new URL(path, VECTORS));
}

export function aSignatureInfo(verificationKeyId: string, verificationKeyVersion: string): SignatureInfo {
  return { verificationKeyId, verificationKeyVersion, algorithm: ECDSA_P256_SHA256_OID };
}

/** A valid key, different for every number. */
export function aKey(number: number, overrides: Partial<ExportKey> = {}): ExportKey {
  const tek = Buffer.alloc(16);
  tek.writeUInt32BE(number);
  return {
    tek,
    transmissionRisk: 2,
    rollingStartIntervalNumber: 2_650_032,
    rollingPeriod: 144,
    reportType: "confirmed",
    ...overrides,
  };
}

/** Any key that the validation lets through. */
export function arbitraryKey(): fc.Arbitrary<ExportKey> {
  return fc.record({
    tek: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
    transmissionRisk: fc.integer({ min: 0, max: 8 }),
    rollingStartIntervalNumber: fc.oneof(fc.constant(0), fc.nat(2 ** 31 - 1)),
    rollingPeriod: fc.oneof(fc.constant(144), fc.integer({ min: 1, max: 144 })),
    reportType: fc.constantFrom<ExportReportType>(...REPORT_TYPES),
    daysSinceOnset: fc.option(fc.integer({ min: -14, max: 28 }), { nil: undefined }),
  });
}

function readVectorHex(path: string): Buffer {
  return Buffer.from(readVector(path).toString().trim(), "hex");
}

function primaryKey(key: z.infer<typeof keySchema>): ExportKey {
  return {
    tek: Buffer.from(key.exposure_key_hex, "hex"),
    transmissionRisk: key.transmission_risk,
    rollingStartIntervalNumber: key.interval_number,
    rollingPeriod: key.interval_count,
    reportType: key.report_type,
    daysSinceOnset: key.days_since_symptom_onset ?? undefined,
  };
}

function revisedKey(key: z.infer<typeof keySchema>): ExportKey {
  const reportType = key.revised_report_type ?? "";
  return { ...primaryKey(key), reportType, daysSinceOnset: key.revised_days_since_symptom_onset };
}
