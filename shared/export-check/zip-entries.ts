import { unreadable } from "./finding.js";

/** One file of a zip, as its central and local headers agree on it. Sizes in bytes. */
export interface ZipEntry {
  readonly name: string;
  readonly method: "stored" | "deflated";
  readonly crc32: number;
  readonly inflatedBytes: number;
  readonly deflatedBytes: number;
  /** The bytes between the headers, not yet inflated: a view, not a copy. */
  readonly data: Buffer;
}

interface CentralHeader {
  readonly name: string;
  /** Version needed, flags, method, time and date: ten bytes that both headers repeat. */
  readonly shared: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly deflatedBytes: number;
  readonly inflatedBytes: number;
  readonly localOffset: number;
}

const endBytes = 22;
const centralBytes = 46;
const localBytes = 30;
const descriptorFlag = 0x0008;
/** Deflate effort (bits 1 and 2), descriptor (3) and UTF-8 names (11) are harmless; encryption and patches are not. */
const flagsAllowed = 0x080e;

/**
 * Reads the directory of a zip (APPNOTE 6.3) of which every single byte has to belong to an entry, the central
 * directory or the end record: no comment, no gap, no overlap, no zip64, no second disk. A reader that goes by
 * local headers and one that goes by the directory therefore see the same files.
 */
export function readZipEntries(zip: Buffer, entriesExpected: number): readonly ZipEntry[] {
  const end = findEnd(zip);
  const directoryAt = zip.readUInt32LE(end + 16);
  const directoryEnd = directoryAt + zip.readUInt32LE(end + 12);
  const entries = zip.readUInt16LE(end + 10);
  if (zip.readUInt32LE(end + 4) !== 0 || zip.readUInt16LE(end + 8) !== entries) {
    unreadable("zip_header_malformed", "the archive spans several disks");
  }
  if (entries !== entriesExpected) unreadable("zip_entries_wrong", `${entries} entries`);
  if (directoryEnd !== end)
    unreadable("zip_bytes_unaccounted", "the directory does not end at the end record");
  return readLocals(zip, readDirectory(zip, directoryAt, directoryEnd, entries), directoryAt);
}

function findEnd(zip: Buffer): number {
  const at = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (at < 0 || at + endBytes > zip.length) unreadable("zip_end_missing", "no end of central directory");
  if (at + endBytes !== zip.length || zip.readUInt16LE(at + 20) !== 0) {
    unreadable("zip_trailing_bytes", "bytes or a comment after the end record");
  }
  return at;
}

function readDirectory(zip: Buffer, from: number, end: number, entries: number): readonly CentralHeader[] {
  const headers: CentralHeader[] = [];
  let at = from;
  for (let entry = 0; entry < entries; entry++) {
    const { header, next } = readCentral(zip, at, end);
    headers.push(header);
    at = next;
  }
  if (at !== end) unreadable("zip_bytes_unaccounted", "bytes between the directory and the end record");
  return headers;
}

function readCentral(zip: Buffer, at: number, end: number): { header: CentralHeader; next: number } {
  if (at + centralBytes > end || zip.readUInt32LE(at) !== 0x02014b50) {
    unreadable("zip_header_malformed", "no central header where one should be");
  }
  const nameBytes = zip.readUInt16LE(at + 28);
  const next = at + centralBytes + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  if (next > end) unreadable("zip_header_malformed", "a central header is longer than the directory");
  const header = {
    name: zip.toString("latin1", at + centralBytes, at + centralBytes + nameBytes),
    shared: zip.subarray(at + 6, at + 16),
    flags: zip.readUInt16LE(at + 8),
    method: zip.readUInt16LE(at + 10),
    crc32: zip.readUInt32LE(at + 16),
    deflatedBytes: zip.readUInt32LE(at + 20),
    inflatedBytes: zip.readUInt32LE(at + 24),
    localOffset: zip.readUInt32LE(at + 42),
  };
  return { header, next };
}

function readLocals(
  zip: Buffer,
  headers: readonly CentralHeader[],
  directoryAt: number,
): readonly ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (const header of headers.toSorted((a, b) => a.localOffset - b.localOffset)) {
    if (header.localOffset !== at) unreadable("zip_bytes_unaccounted", "entries overlap or leave a gap");
    const { entry, next } = readLocal(zip, header, directoryAt);
    entries.push(entry);
    at = next;
  }
  if (at !== directoryAt) unreadable("zip_bytes_unaccounted", "bytes between the entries and the directory");
  return entries;
}

function readLocal(zip: Buffer, header: CentralHeader, end: number): { entry: ZipEntry; next: number } {
  const at = header.localOffset;
  if (at + localBytes > end || zip.readUInt32LE(at) !== 0x04034b50) {
    unreadable("zip_header_malformed", "no local header where the directory points");
  }
  const nameAt = at + localBytes;
  const nameEnd = nameAt + zip.readUInt16LE(at + 26);
  const dataAt = nameEnd + zip.readUInt16LE(at + 28);
  const dataEnd = dataAt + header.deflatedBytes;
  if (dataEnd > end) unreadable("zip_header_malformed", "an entry is longer than the archive");
  if (zip.toString("latin1", nameAt, nameEnd) !== header.name) disagree("names");
  if (!zip.subarray(at + 4, at + 14).equals(header.shared)) disagree("flags, methods or times");
  const method = methodOf(header);
  const next = dataEnd + sizesAgree(zip, header, dataEnd, end);
  const { name, crc32, inflatedBytes, deflatedBytes } = header;
  return {
    entry: { name, method, crc32, inflatedBytes, deflatedBytes, data: zip.subarray(dataAt, dataEnd) },
    next,
  };
}

function methodOf({ name, flags, method }: CentralHeader): "stored" | "deflated" {
  if ((flags & ~flagsAllowed) !== 0) unreadable("zip_flags_unsupported", `flags ${flags} of ${name}`);
  if (method === 8) return "deflated";
  if (method !== 0) unreadable("zip_method_unknown", `method ${method} of ${name}`);
  // Readers that go through the file front to back can't tell where a stored entry of unknown size ends.
  if ((flags & descriptorFlag) !== 0) unreadable("zip_stored_with_descriptor", name);
  return "stored";
}

/** Compares CRC and sizes with the local header or the data descriptor; returns the descriptor's length in bytes. */
function sizesAgree(zip: Buffer, header: CentralHeader, dataEnd: number, end: number): number {
  const expected = Buffer.alloc(12);
  expected.writeUInt32LE(header.crc32, 0);
  expected.writeUInt32LE(header.deflatedBytes, 4);
  expected.writeUInt32LE(header.inflatedBytes, 8);
  const local = zip.subarray(header.localOffset + 14, header.localOffset + 26);
  if ((header.flags & descriptorFlag) === 0) return local.equals(expected) ? 0 : disagree("CRC or sizes");
  if (!local.equals(expected) && !local.equals(Buffer.alloc(12))) return disagree("CRC or sizes");
  const signed = dataEnd + 4 <= end && zip.readUInt32LE(dataEnd) === 0x08074b50 ? 4 : 0;
  const descriptor = zip.subarray(dataEnd + signed, Math.min(dataEnd + signed + 12, end));
  return descriptor.equals(expected) ? signed + 12 : disagree("descriptor and directory");
}

function disagree(what: string): never {
  return unreadable("zip_headers_disagree", `${what} differ`);
}
