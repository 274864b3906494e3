import { readExportBin } from "../export-check/export-bin.js";
import { exportLimits } from "../export-check/export-limits.js";
import { keyAt, type ExportedKey } from "../export-check/key-table.js";
import { encodeExportBin } from "../exports/export-bin.js";
import { PackedKeys } from "../exports/packed-keys.js";

/** Packed keys as the independent reader sees them in a file, in the order that they have. */
export function readPacked(packed: PackedKeys): ExportedKey[] {
  const head = { startSeconds: 0, endSeconds: 1, region: "", signatureInfos: [] };
  const none = { packed: new PackedKeys(), from: 0, to: 0 };
  const exportBin = encodeExportBin(head, { packed, from: 0, to: packed.count }, none);
  const { keys } = readExportBin(exportBin, exportLimits);
  return Array.from({ length: keys.count }, (_, row) => keyAt(keys, row));
}

export function teksOf(packed: PackedKeys): Buffer[] {
  return readPacked(packed).map(({ key }) => Buffer.from(key, "base64"));
}
