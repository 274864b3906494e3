import { crc32, inflateRawSync } from "node:zlib";
import type { ExportLimits } from "./export-limits.js";
import { unreadable } from "./finding.js";
import { readZipEntries } from "./zip-entries.js";
import type { ZipEntry } from "./zip-entries.js";

/** The two files of an export, inflated. */
export interface ZipContent {
  readonly exportBin: Buffer;
  readonly exportSig: Buffer;
}

/**
 * Opens an export's zip: exactly `export.bin` and `export.sig` at the top level (reference server facts, §6.6).
 * Sizes are checked against the limits before anything is inflated, and inflating stops at the size that the
 * headers promised.
 */
export function readZipContent(zip: Uint8Array, limits: ExportLimits): ZipContent {
  if (zip.length > limits.zipBytesMax) unreadable("zip_too_large", `${zip.length} bytes`);
  const buffer = Buffer.from(zip.buffer, zip.byteOffset, zip.length);
  const entries = new Map(readZipEntries(buffer, 2).map((entry) => [entry.name, entry]));
  const bin = entries.get("export.bin");
  const sig = entries.get("export.sig");
  if (bin === undefined || sig === undefined) return unreadable("zip_entries_wrong", "unexpected names");
  return {
    exportBin: inflate(bin, limits.exportBinBytesMax),
    exportSig: inflate(sig, limits.exportSigBytesMax),
  };
}

function inflate(entry: ZipEntry, bytesMax: number): Buffer {
  if (entry.inflatedBytes > bytesMax)
    unreadable("zip_entry_too_large", `${entry.name}: ${entry.inflatedBytes} bytes`);
  const content = entry.method === "stored" ? entry.data : inflateRaw(entry);
  if (content.length !== entry.inflatedBytes) unreadable("zip_size_wrong", entry.name);
  if (crc32(content) !== entry.crc32) unreadable("zip_crc_wrong", entry.name);
  return content;
}

function inflateRaw({ name, data, inflatedBytes }: ZipEntry): Buffer {
  const inflated = tryInflateRaw(data, Math.max(1, inflatedBytes));
  if (inflated === "too long") return unreadable("zip_size_wrong", name);
  if (inflated === "broken") return unreadable("zip_inflate_failed", name);
  // The stream has to end where the entry ends: else bytes could hide behind it.
  if (inflated.consumedBytes !== data.length)
    return unreadable("zip_bytes_unaccounted", `behind the data of ${name}`);
  return inflated.content;
}

/** Of Node's zlib. */
const chunkBytesMin = 64;

type Inflated = { content: Buffer; consumedBytes: number } | "too long" | "broken";

function tryInflateRaw(data: Buffer, bytesMax: number): Inflated {
  try {
    const result: unknown = inflateRawSync(data, {
      info: true,
      maxOutputLength: bytesMax,
      // In one piece, of the size that is known: pieces would have to be copied together.
      chunkSize: Math.max(chunkBytesMin, bytesMax),
    });
    if (!hasInfo(result)) throw new TypeError("inflateRawSync gave no info");
    return { content: result.buffer, consumedBytes: result.engine.bytesWritten };
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return error instanceof RangeError ? "too long" : "broken";
  }
}

/** With `info`, inflating returns an object that the type declarations don't know. */
function hasInfo(result: unknown): result is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof result === "object" && result !== null && "buffer" in result && "engine" in result;
}
