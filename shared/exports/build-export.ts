import { createHash } from "node:crypto";
import { sliceEncodedKeys, type EncodedSlice } from "./encode-keys.js";
import { joinExportBin } from "./export-bin.js";
import type { ExportKey } from "./export-key.js";
import { encodeExportSig, type ExportSignature } from "./export-sig.js";
import { zipExport } from "./export-zip.js";
import { exportObjectName } from "./object-names.js";
import type { Signer } from "./signer.js";
import { encodeSortedKeys } from "./sorted-keys.js";
import type { ExportWindow } from "./window.js";

/** Phones read no more signature infos than this (reference server facts, §6.7). */
const SIGNERS_MAX = 10;

/** All that the files of one window depend on: the same input gives the same files. */
export interface BuildExportInput {
  readonly config: {
    readonly filenameRoot: string;
    readonly outputRegion: string;
    /** Keys and revised keys in one file, at most. */
    readonly maxRecords: number;
  };
  readonly window: ExportWindow;
  readonly keys: readonly ExportKey[];
  readonly revisedKeys: readonly ExportKey[];
  /** Those valid at the window's end, in the order in which the files name them. */
  readonly signers: readonly Signer[];
}

/** One finished export file. */
export interface BuiltExportFile {
  readonly objectName: string;
  /** Lower-case hexadecimal. */
  readonly exportBinSha256: string;
  readonly zip: Buffer;
  /** Lower-case hexadecimal. */
  readonly zipSha256: string;
  readonly keyCount: number;
  readonly revisedKeyCount: number;
  /** Empty when there are no signers. */
  readonly signatures: readonly ExportSignature[];
}

interface Part {
  readonly fileNumber: number;
  readonly endTimestampSeconds: number;
  readonly keys: EncodedSlice;
  readonly revisedKeys: EncodedSlice;
}

/**
 * Builds the files of one window, one at a time, so that only one zip is in memory. A window without keys has no file.
 *
 * Throws a RangeError when `maxRecords` is less than 1, a TEK has not 16 bytes, or there are more than ten signers;
 * and whatever a signer throws.
 */
export async function* buildExport(input: BuildExportInput): AsyncGenerator<BuiltExportFile, void, void> {
  if (input.signers.length > SIGNERS_MAX)
    throw new RangeError(`an export has at most ${SIGNERS_MAX} signers`);
  for (const part of splitIntoFiles(input)) yield await buildFile(input, part);
}

/**
 * Files are filled with keys first, then with revised keys, each in sorted order (reference server facts, §6.3).
 * Android takes files with equal times for the same file, so each of several files gets its own end.
 */
function* splitIntoFiles(input: BuildExportInput): Generator<Part, void, void> {
  const { maxRecords } = input.config;
  if (!(maxRecords >= 1)) throw new RangeError("an export file holds at least one key");
  const keys = encodeSortedKeys(7, input.keys);
  const revisedKeys = encodeSortedKeys(8, input.revisedKeys);
  const keyCount = input.keys.length;
  const fileCount = Math.ceil((keyCount + input.revisedKeys.length) / maxRecords);
  for (let fileNumber = 1; fileNumber <= fileCount; fileNumber++) {
    const to = fileNumber * maxRecords;
    const from = to - maxRecords;
    yield {
      fileNumber,
      endTimestampSeconds: input.window.endSeconds + (fileCount > 1 ? fileNumber : 0),
      keys: sliceEncodedKeys(keys, from, to),
      revisedKeys: sliceEncodedKeys(revisedKeys, from - keyCount, to - keyCount),
    };
  }
}

async function buildFile(input: BuildExportInput, part: Part): Promise<BuiltExportFile> {
  const { config, window, signers } = input;
  const head = {
    startSeconds: window.startSeconds,
    endSeconds: part.endTimestampSeconds,
    region: config.outputRegion,
    signatureInfos: signers.map((signer) => signer.info),
  };
  const exportBin = joinExportBin(head, part.keys.bytes, part.revisedKeys.bytes);
  const signatures = await signAll(signers, exportBin);
  const zip = await zipExport(exportBin, encodeExportSig(signatures));
  return {
    objectName: exportObjectName({
      filenameRoot: config.filenameRoot,
      ...window,
      fileNumber: part.fileNumber,
    }),
    exportBinSha256: sha256Hex(exportBin),
    zip,
    zipSha256: sha256Hex(zip),
    keyCount: part.keys.count,
    revisedKeyCount: part.revisedKeys.count,
    signatures,
  };
}

async function signAll(signers: readonly Signer[], exportBin: Buffer): Promise<ExportSignature[]> {
  const signatures: ExportSignature[] = [];
  for (const signer of signers)
    signatures.push({ info: signer.info, signature: await signer.sign(exportBin) });
  return signatures;
}

function sha256Hex(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
