import { createHash, type KeyObject } from "node:crypto";
import { encodeExportBin, type KeySlice } from "./export-bin.js";
import { encodeExportSig, type ExportSignature } from "./export-sig.js";
import { zipExport } from "./export-zip.js";
import { exportObjectName } from "./object-names.js";
import { padKeys, type Padding } from "./pad-keys.js";
import type { PackedKeys } from "./packed-keys.js";
import type { Signer } from "./signer.js";
import type { ExportWindow } from "./window.js";

/** Phones read no more signature infos than this (reference server facts, §6.7). */
const SIGNERS_MAX = 10;

/** All that the files of one window depend on: the same input gives the same files. */
export interface BuildExportInput {
  readonly config: {
    readonly id: string;
    readonly filenameRoot: string;
    readonly outputRegion: string;
    /** Keys and revised keys in one file, at most. */
    readonly maxRecords: number;
    readonly padding: Padding;
  };
  readonly paddingSecret: KeyObject;
  readonly window: ExportWindow;
  /** In any order; building pads them, and puts both in the order of the files. */
  readonly keys: PackedKeys;
  readonly revisedKeys: PackedKeys;
  /** Those valid at the window's end, in the order in which the files name them. */
  readonly signers: readonly Signer[];
}

/** An export file as phones download it. */
export interface PackedFile {
  readonly zip: Buffer;
  /** Lower-case hexadecimal. */
  readonly zipSha256: string;
}

/** One export file: what it holds, and the zip that it comes in. */
export interface BuiltExportFile {
  readonly objectName: string;
  readonly exportBin: Buffer;
  /** Lower-case hexadecimal. */
  readonly exportBinSha256: string;
  readonly exportSig: Uint8Array;
  readonly keyCount: number;
  readonly revisedKeyCount: number;
  /** Empty when there are no signers. */
  readonly signatures: readonly ExportSignature[];
  /** To compress costs as much as all the rest, so it is left to those who need the zip. */
  pack(): Promise<PackedFile>;
}

interface Part {
  readonly fileNumber: number;
  readonly endTimestampSeconds: number;
  readonly keys: KeySlice;
  readonly revisedKeys: KeySlice;
}

/**
 * Builds the files of one window, one at a time, so that only one is in memory. A window without keys has no file.
 *
 * Throws a RangeError when `maxRecords` is less than 1, or there are more than ten signers;
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
  const { keys, revisedKeys } = input;
  pad(input);
  keys.sort();
  revisedKeys.sort();
  const fileCount = Math.ceil((keys.count + revisedKeys.count) / maxRecords);
  for (let fileNumber = 1; fileNumber <= fileCount; fileNumber++) {
    const to = fileNumber * maxRecords;
    const from = to - maxRecords;
    yield {
      fileNumber,
      endTimestampSeconds: input.window.endSeconds + (fileCount > 1 ? fileNumber : 0),
      keys: slice(keys, from, to),
      revisedKeys: slice(revisedKeys, from - keys.count, to - keys.count),
    };
  }
}

/** Before sorting and splitting, so that the clones lie among all keys and not only among those of the last file. */
function pad({ config, window, keys, revisedKeys, paddingSecret: secret }: BuildExportInput): void {
  const { id: configurationId, padding, maxRecords: recordsMax } = config;
  padKeys(keys, revisedKeys, { padding, secret, configurationId, window, recordsMax });
}

/** The keys from index `from` to before index `to`, as far as there are such. */
function slice(packed: PackedKeys, from: number, to: number): KeySlice {
  const first = Math.min(Math.max(from, 0), packed.count);
  return { packed, from: first, to: Math.min(Math.max(to, first), packed.count) };
}

async function buildFile(input: BuildExportInput, part: Part): Promise<BuiltExportFile> {
  const { config, window, signers } = input;
  const head = {
    startSeconds: window.startSeconds,
    endSeconds: part.endTimestampSeconds,
    region: config.outputRegion,
    signatureInfos: signers.map((signer) => signer.info),
  };
  const exportBin = encodeExportBin(head, part.keys, part.revisedKeys);
  const signatures = await signAll(signers, exportBin);
  const exportSig = encodeExportSig(signatures);
  return {
    objectName: exportObjectName({
      filenameRoot: config.filenameRoot,
      ...window,
      fileNumber: part.fileNumber,
    }),
    exportBin,
    exportBinSha256: sha256Hex(exportBin),
    exportSig,
    keyCount: part.keys.to - part.keys.from,
    revisedKeyCount: part.revisedKeys.to - part.revisedKeys.from,
    signatures,
    async pack() {
      const zip = await zipExport(exportBin, exportSig);
      return { zip, zipSha256: sha256Hex(zip) };
    },
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
