import JSZip from "jszip";

/** The earliest time that a zip can hold. A real one would change the bytes and tell when the file was built. */
const FIXED_DATE = new Date("1980-01-01T00:00:00Z");
const ENTRY_OPTIONS = { binary: true, createFolders: false, date: FIXED_DATE } as const;

/**
 * Rises when the same keys would give another `export.bin` or another zip; recorded with every published window. The
 * compressor is part of the zip's bytes, so its version is part of this one.
 */
export const EXPORT_BUILDER_VERSION = `2+jszip-${JSZip.version}`;

/**
 * The zip that phones download: `export.bin`, then `export.sig`, and nothing else. The same input gives the same
 * bytes, in any time zone.
 *
 * Sizes stand in front of the content and not in a data descriptor behind it: an empty `export.sig` is stored, not
 * deflated, and phones refuse a stored entry with a data descriptor.
 */
export async function zipExport(exportBin: Uint8Array, exportSig: Uint8Array): Promise<Buffer> {
  const zip = new JSZip();
  zip.file("export.bin", plainBytes(exportBin), ENTRY_OPTIONS);
  zip.file("export.sig", plainBytes(exportSig), ENTRY_OPTIONS);
  const bytes = await zip.generateAsync({
    type: "uint8array",
    platform: "UNIX",
    compression: "DEFLATE",
    // 6, the usual one, takes more than twice the time for 1.6 % fewer bytes: most of a key is random.
    compressionOptions: { level: 5 },
    streamFiles: false,
  });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The same memory, but no Buffer: of a Buffer, as of one that it shall give, jszip copies every piece. */
function plainBytes({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
