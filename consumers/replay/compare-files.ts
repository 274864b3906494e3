import { createHash } from "node:crypto";
import type { BuiltExportFile } from "../../shared/exports/build-export.js";
import { readExportBin } from "../../shared/export-check/export-bin.js";
import { exportLimits } from "../../shared/export-check/export-limits.js";
import { keyAt, type KeyTable } from "../../shared/export-check/key-table.js";
import { readZipContent } from "../../shared/export-check/zip-content.js";
import type { PublishedRecord } from "../../shared/topology.js";

/** Bytes from offset `from` to before `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Keys of one list: in the rebuilt file only, in the published one only, and in both with other values. */
export interface KeyDifferences {
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
  /** The first of them, each by the beginning of the SHA-256 of its TEK. */
  readonly samples: readonly string[];
}

/** What is different about a published file. */
export type FileDifference =
  /** The zip can't be read at all. */
  | { readonly kind: "unreadable"; readonly reason: string; readonly zipBytes: readonly ByteRange[] }
  /** Phones read the same: it was compressed or signed in another way. */
  | { readonly kind: "repacked"; readonly zipBytes: readonly ByteRange[] }
  | {
      readonly kind: "content";
      readonly keys: KeyDifferences;
      readonly revisedKeys: KeyDifferences;
      /** Of `export.bin`. */
      readonly binBytes: readonly ByteRange[];
    };

const noBytes = new Uint8Array();
const rangesMax = 5;
const samplesMax = 5;
/** Differing bytes closer than this are told as one range. */
const gapMax = 16;

/**
 * Whether a published zip is the one that was told of, and holds what was rebuilt, byte for byte. Then nothing has to be
 * compressed to know that it is right.
 */
export function isWhatWasTold(
  published: Buffer,
  rebuilt: Pick<BuiltExportFile, "exportBin" | "exportSig">,
  told: PublishedRecord["files"][number] | undefined,
): boolean {
  const hash = createHash("sha256").update(published).digest();
  if (!hash.equals(told?.zipSha256 ?? noBytes)) return false;
  try {
    const { exportBin, exportSig } = readZipContent(published, exportLimits);
    return exportBin.equals(rebuilt.exportBin) && exportSig.equals(rebuilt.exportSig);
  } catch {
    // It was no good file when it was published.
    return false;
  }
}

/** Undefined when the files are equal byte for byte. */
export function compareFiles(published: Buffer, rebuilt: Buffer): FileDifference | undefined {
  if (published.equals(rebuilt)) return undefined;
  const zipBytes = differingRanges(published, rebuilt);
  const [theirs, ours] = [contentOf(published), contentOf(rebuilt)];
  if (typeof theirs === "string") return { kind: "unreadable", reason: theirs, zipBytes };
  if (typeof ours === "string") throw new Error(`a rebuilt file can't be read: ${ours}`);
  if (theirs.bin.equals(ours.bin)) return { kind: "repacked", zipBytes };
  return {
    kind: "content",
    keys: compareKeys(theirs.keys, ours.keys),
    revisedKeys: compareKeys(theirs.revisedKeys, ours.revisedKeys),
    binBytes: differingRanges(theirs.bin, ours.bin),
  };
}

/** The first few ranges in which two byte strings differ; what one has beyond the other's end is one of them. */
export function differingRanges(a: Buffer, b: Buffer): readonly ByteRange[] {
  const ranges: { from: number; to: number }[] = [];
  const end = Math.max(a.length, b.length);
  for (let at = 0; at < end; at++) {
    if (a[at] === b[at]) continue;
    const last = ranges.at(-1);
    if (last !== undefined && at - last.to < gapMax) last.to = at + 1;
    else if (ranges.length === rangesMax) break;
    else ranges.push({ from: at, to: at + 1 });
  }
  return ranges;
}

function contentOf(zip: Buffer): { bin: Buffer; keys: KeyTable; revisedKeys: KeyTable } | string {
  try {
    const { exportBin: bin } = readZipContent(zip, exportLimits);
    const { keys, revisedKeys } = readExportBin(bin, exportLimits);
    return { bin, keys, revisedKeys };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function compareKeys(published: KeyTable, rebuilt: KeyTable): KeyDifferences {
  const [theirs, ours] = [byTek(published), byTek(rebuilt)];
  const missing = [...ours.keys()].filter((tek) => !theirs.has(tek));
  const extra = [...theirs.keys()].filter((tek) => !ours.has(tek));
  const changed = [...ours].filter(([tek, values]) => theirs.has(tek) && theirs.get(tek) !== values);
  const differing = [...missing, ...extra, ...changed.map(([tek]) => tek)];
  return {
    missing: missing.length,
    extra: extra.length,
    changed: changed.length,
    samples: differing.slice(0, samplesMax).map(hashOf),
  };
}

function byTek(table: KeyTable): Map<string, string> {
  const found = new Map<string, string>();
  for (let row = 0; row < table.count; row++) {
    const { key, ...values } = keyAt(table, row);
    found.set(key, JSON.stringify(values));
  }
  return found;
}

function hashOf(tek: string): string {
  return createHash("sha256").update(Buffer.from(tek, "base64")).digest("hex").slice(0, 12);
}
