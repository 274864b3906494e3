import { expect, test } from "vitest";
import { checkExport } from "./check-export.js";
import type { FindingReason } from "./finding.js";
import {
  aKey,
  anExport,
  anExportContent,
  aSigner,
  aZip,
  bytes,
  defaultSigner,
  sortedKeys,
  windowStart,
} from "./an-export.js";
import type { ExportParts, TestEntry, TestKey } from "./an-export.js";

/** A sound export's two entries with changes to the first. */
function zipWith(changes: Partial<TestEntry>, more: readonly TestEntry[] = []): Buffer {
  const { bin, sig } = anExportContent();
  return aZip([
    { name: "export.bin", content: bin, ...changes },
    { name: "export.sig", content: sig },
    ...more,
  ]);
}

/** A sound export with some bytes of the zip replaced. */
function patched(at: (zip: Buffer) => number, value: number): Buffer {
  const zip = anExport();
  zip[at(zip)] = value;
  return zip;
}

function withKey(changes: Partial<TestKey>): ExportParts {
  return { keys: [aKey(1, changes)] };
}

const sound = anExport();
const content = anExportContent();
const flipped = Buffer.from(content.bin);
flipped[60] = (flipped[60] ?? 0) ^ 1;
const [a, b, ...rest] = sortedKeys(5);
if (a === undefined || b === undefined) throw new Error("no keys");
const stranger = aSigner("310", "v9");
const sigOf = (changes: ExportParts) => ({ name: "export.sig", content: anExportContent(changes).sig });
const binOf = (changes: ExportParts) => ({ name: "export.bin", content: anExportContent(changes).bin });

const brokenZips: readonly (readonly [string, FindingReason, Buffer])[] = [
  [
    "a third entry",
    "zip_entries_wrong",
    zipWith({}, [{ name: "readme.txt", content: Buffer.from("hello") }]),
  ],
  ["a missing entry", "zip_entries_wrong", aZip([{ name: "export.bin", content: content.bin }])],
  ["an entry in a folder", "zip_entries_wrong", zipWith({ name: "a/export.bin" })],
  ["the same entry twice", "zip_entries_wrong", zipWith({ name: "export.sig" })],
  [
    "a stored entry with a descriptor",
    "zip_stored_with_descriptor",
    zipWith({ stored: true, descriptor: true }),
  ],
  ["an encrypted entry", "zip_flags_unsupported", zipWith({ flags: 1 })],
  ["another compression method", "zip_method_unknown", zipWith({ method: 12 })],
  ["a wrong CRC", "zip_crc_wrong", zipWith({ crc: 1 })],
  ["a size too small", "zip_size_wrong", zipWith({ inflatedBytes: 9 })],
  ["a size too large", "zip_size_wrong", zipWith({ inflatedBytes: 999_999 })],
  ["a bomb", "zip_entry_too_large", zipWith({ content: Buffer.alloc(65 * 1024 * 1024) })],
  ["no deflate stream", "zip_inflate_failed", zipWith({ stored: true, method: 8 })],
  ["bytes behind the stream", "zip_bytes_unaccounted", zipWith({ hidden: Buffer.from("psst") })],
  ["bytes before the first entry", "zip_bytes_unaccounted", Buffer.concat([Buffer.from("psst"), sound])],
  ["a gap before the directory", "zip_bytes_unaccounted", withGap()],
  ["a comment", "zip_trailing_bytes", withComment()],
  ["trailing bytes", "zip_trailing_bytes", Buffer.concat([sound, Buffer.from("x")])],
  ["a truncated file", "zip_end_missing", sound.subarray(0, -1)],
  ["no bytes at all", "zip_end_missing", Buffer.alloc(0)],
  ["a local header with another time", "zip_headers_disagree", patched(() => 10, 7)],
  ["a local header with another name", "zip_headers_disagree", patched(() => 30, 0x45)],
  ["a local header with another CRC", "zip_headers_disagree", patched(() => 14, 0)],
  ["a wrong local signature", "zip_header_malformed", patched(() => 0, 0)],
  [
    "a wrong central signature",
    "zip_header_malformed",
    patched((zip) => zip.readUInt32LE(zip.length - 6), 0),
  ],
  ["a second disk", "zip_header_malformed", patched((zip) => zip.length - 18, 1)],
  ["a shifted directory", "zip_bytes_unaccounted", patched((zip) => zip.length - 10, 0)],
  ["a zip of more than 20 MiB", "zip_too_large", Buffer.alloc(21 * 1024 * 1024)],
];

test.each(brokenZips)("a zip with %s is refused as %s", (_, reason, zip) => {
  expect(reasonsOf(zip)).toEqual([reason]);
});

const brokenContents: readonly (readonly [string, FindingReason, ExportParts])[] = [
  ["another header", "header_wrong", { header: "EK Export v2    " }],
  ["a header that is too short", "header_wrong", { header: "EK Export v1   " }],
  ["an end that is the start", "window_invalid", { endSeconds: windowStart }],
  ["no start", "window_invalid", { startSeconds: 0, endSeconds: windowStart }],
  ["no region", "region_missing", { region: undefined }],
  ["a region that is no UTF-8", "protobuf_malformed", { extra: bytes(3, Buffer.from([0xff])) }],
  ["batch 1 of 2", "batch_not_one_of_one", { batch: [1, 2] }],
  ["batch 1 of 2 in a signature", "batch_not_one_of_one", { sigBatch: [1, 2] }],
  [
    "eleven signature infos",
    "too_many_signature_infos",
    { signers: Array.from({ length: 11 }, () => defaultSigner) },
  ],
  ["a key of 15 bytes", "key_length_wrong", withKey({ data: Buffer.alloc(15, 7) })],
  ["a key of 17 bytes", "key_length_wrong", withKey({ data: Buffer.alloc(17, 7) })],
  ["no key bytes", "key_length_wrong", withKey({ data: Buffer.alloc(0) })],
  ["swapped keys", "keys_unsorted", { keys: [b, a, ...rest] }],
  ["swapped revised keys", "keys_unsorted", { revisedKeys: [b, a] }],
  ["a key twice", "key_repeated", { keys: [a, a, b] }],
  ["a revised key twice", "key_repeated", { revisedKeys: [a, a] }],
  ["a rolling period of 0", "rolling_period_out_of_range", withKey({ period: 0 })],
  ["a rolling period of 145", "rolling_period_out_of_range", withKey({ period: 145 })],
  ["a rolling start of 0", "rolling_start_implausible", withKey({ start: 0 })],
  ["a rolling start long ago", "rolling_start_implausible", withKey({ start: windowStart / 600 - 31 * 144 })],
  [
    "a rolling start far ahead",
    "rolling_start_implausible",
    withKey({ start: windowStart / 600 + 24 + 145 }),
  ],
  ["a transmission risk of 9", "transmission_risk_out_of_range", withKey({ risk: 9 })],
  ["a negative transmission risk", "transmission_risk_out_of_range", withKey({ risk: -1 })],
  ["a report type of 6", "report_type_unknown", withKey({ reportType: 6 })],
  ["15 days since onset", "days_since_onset_out_of_range", withKey({ days: 15 })],
  ["-15 days since onset", "days_since_onset_out_of_range", withKey({ days: -15 })],
  ["no signer", "unsigned", { signers: [] }],
  ["a signer less than announced", "signature_count_differs", { sigSigners: [] }],
  [
    "a signature more than announced",
    "signature_count_differs",
    { sigSigners: [defaultSigner, defaultSigner] },
  ],
  [
    "another signer than announced",
    "signature_info_differs",
    { sigSigners: [{ ...stranger, ...defaultSigner, publicKey: stranger.publicKey }] },
  ],
  ["a signature by another key", "signature_invalid", { signWith: stranger.privateKey }],
  ["an unknown signer", "public_key_unknown", { signers: [stranger] }],
  ["another algorithm", "signature_algorithm_unknown", { algorithm: "1.2.840.10045.4.3.4" }],
  ["field number 0", "protobuf_malformed", { extra: Buffer.from([0x02, 0x00]) }],
  ["a group", "protobuf_malformed", { extra: Buffer.from([0xdb, 0x05, 0xdc, 0x05]) }],
  ["a region with the wire type of a number", "protobuf_malformed", { extra: Buffer.from([0x18, 0x01]) }],
  ["a truncated varint", "protobuf_malformed", { extra: Buffer.from([0xd0, 0x05, 0x80]) }],
  ["an overlong varint", "protobuf_malformed", { extra: Buffer.from([0xd0, 0x05, 0x81, 0x00]) }],
  [
    "a varint of 65 bits",
    "protobuf_malformed",
    { extra: Buffer.from([0xd0, 0x05, ...Array(9).fill(0xff), 0x02]) },
  ],
  [
    "a varint of eleven bytes",
    "protobuf_malformed",
    { extra: Buffer.from([0xd0, 0x05, ...Array(10).fill(0x80), 0x01]) },
  ],
  ["a length beyond the end", "protobuf_malformed", { extra: Buffer.from([0xda, 0x05, 0x05, 0x00]) }],
  [
    "a batch number of 2^32 + 1",
    "protobuf_malformed",
    { extra: Buffer.from([0x20, 0x81, 0x80, 0x80, 0x80, 0x10]) },
  ],
  [
    "a key field longer than its key",
    "protobuf_malformed",
    withKey({ extra: Buffer.from([0x0a, 0x10, 0x00]) }),
  ],
];

test.each(brokenContents)("an export with %s is refused as %s", (_, reason, parts) => {
  expect(reasonsOf(anExport(parts))).toEqual([reason]);
});

test("a flipped bit in export.bin is refused even though the zip agrees with itself", () => {
  const zip = aZip([
    { name: "export.bin", content: flipped },
    { name: "export.sig", content: content.sig },
  ]);
  expect(reasonsOf(zip)).toContain("signature_invalid");
});

test("a signature of another export is refused", () => {
  expect(reasonsOf(aZip([binOf({ region: "CA" }), sigOf({ region: "US" })]))).toEqual(["signature_invalid"]);
});

test("too many keys are refused before they are read", () => {
  const zip = anExport({ keys: sortedKeys(20) });
  const check = checkExport(zip, { publicKeys: [defaultSigner.publicKey], limits: { keysMax: 21 } });
  expect(check).toMatchObject({ ok: false, findings: [{ reason: "too_many_keys" }] });
});

test("every reason is found at once, each of them once", () => {
  const keys = [aKey(1, { risk: 9, period: 0 }), aKey(1, { risk: 9, period: 0 })];
  const reasons = reasonsOf(anExport({ keys, batch: [2, 2] }));
  expect(reasons.toSorted()).toEqual([
    "batch_not_one_of_one",
    "key_repeated",
    "rolling_period_out_of_range",
    "transmission_risk_out_of_range",
  ]);
});

/** A sound zip with four bytes between the last entry and the directory. */
function withGap(): Buffer {
  const zip = anExport();
  const directoryAt = zip.readUInt32LE(zip.length - 6);
  zip.writeUInt32LE(directoryAt + 4, zip.length - 6);
  return Buffer.concat([zip.subarray(0, directoryAt), Buffer.from("psst"), zip.subarray(directoryAt)]);
}

/** A sound zip with a comment, as the format allows it. */
function withComment(): Buffer {
  const zip = anExport();
  zip.writeUInt16LE(5, zip.length - 2);
  return Buffer.concat([zip, Buffer.from("hello")]);
}

function reasonsOf(zip: Uint8Array): readonly FindingReason[] {
  const check = checkExport(zip, { publicKeys: [defaultSigner.publicKey] });
  return check.ok ? [] : check.findings.map((finding) => finding.reason);
}
