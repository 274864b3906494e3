import { createHash, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { crc32, deflateRawSync } from "node:zlib";
import type { ExportPublicKey } from "./check-export.js";

/**
 * Makes exports for the tests of this folder, sound ones and ones that are broken on purpose. It is written by hand
 * and shares nothing with the code that writes real exports, else a misunderstanding would be on both sides.
 */
export function anExport(changes: ExportParts = {}): Buffer {
  const { bin, sig } = anExportContent(changes);
  return aZip([
    { name: "export.bin", content: bin },
    { name: "export.sig", content: sig },
  ]);
}

/** One signer of test exports. */
export interface TestSigner {
  readonly privateKey: KeyObject;
  readonly publicKey: ExportPublicKey;
}

/** A key as it is written, with every field that the test wants to differ. */
export interface TestKey {
  readonly data: Uint8Array;
  readonly risk?: number;
  readonly start?: number;
  readonly period?: number;
  readonly reportType?: number;
  readonly days?: number;
  /** Protobuf bytes to append to the key. */
  readonly extra?: Uint8Array;
}

/** What a test export consists of; everything has a sound default. */
export interface ExportParts {
  readonly header?: string;
  readonly startSeconds?: number;
  readonly endSeconds?: number;
  readonly region?: string | undefined;
  readonly batch?: readonly [number, number];
  readonly sigBatch?: readonly [number, number];
  readonly signers?: readonly TestSigner[];
  readonly sigSigners?: readonly TestSigner[];
  /** Who really signs, whatever the infos say. */
  readonly signWith?: KeyObject;
  readonly algorithm?: string;
  readonly keys?: readonly TestKey[];
  readonly revisedKeys?: readonly TestKey[];
  /** Protobuf bytes to append to export.bin before it is signed. */
  readonly extra?: Uint8Array;
}

/** A file to be zipped, with every header field that the test wants to differ. */
export interface TestEntry {
  readonly name: string;
  readonly content: Uint8Array;
  readonly stored?: boolean;
  readonly descriptor?: boolean;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly inflatedBytes?: number;
  /** Bytes to put behind the deflated stream, inside the entry. */
  readonly hidden?: Uint8Array;
}

/** A P-256 key pair with a name. */
export function aSigner(id = "310", version = "v1"): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    privateKey,
    publicKey: { id, version, pem: publicKey.export({ type: "spki", format: "pem" }).toString() },
  };
}

/** The signer of test exports that name none. */
export const defaultSigner = aSigner();

/** Start of the default window: 20 May 2020, 16:00 UTC; it is four hours long. */
export const windowStart = 1_589_990_400;

/** A sound key whose bytes come from the seed; keys are sorted by `sortedKeys`. */
export function aKey(seed: number, changes: Partial<TestKey> = {}): TestKey {
  const data = createHash("sha256").update(`key ${seed}`).digest().subarray(0, 16);
  return {
    data,
    risk: 2,
    start: windowStart / 600 - 144 - (seed % 10) * 144,
    days: (seed % 10) - 5,
    ...changes,
  };
}

/** That many sound keys in the order of a sound export. */
export function sortedKeys(count: number, firstSeed = 0): TestKey[] {
  const keys = Array.from({ length: count }, (_, index) => aKey(firstSeed + index));
  return keys.sort((a, b) => Buffer.compare(a.data, b.data));
}

/** The two files of a test export. */
export function anExportContent(changes: ExportParts = {}): { bin: Buffer; sig: Buffer } {
  const parts = {
    signers: [defaultSigner],
    keys: sortedKeys(5),
    revisedKeys: sortedKeys(2, 100),
    ...changes,
  };
  const infos = parts.signers.map((signer) => infoOf(signer, parts.algorithm));
  const { header = "EK Export v1    ", startSeconds = windowStart, batch = [1, 1] } = parts;
  const bin = Buffer.concat([
    Buffer.from(header, "latin1"),
    fixed64(1, startSeconds),
    fixed64(2, parts.endSeconds ?? startSeconds + 14_400),
    "region" in parts && parts.region === undefined
      ? Buffer.alloc(0)
      : bytes(3, Buffer.from(parts.region ?? "US")),
    number(4, batch[0]),
    number(5, batch[1]),
    ...infos.map((info) => bytes(6, info)),
    ...parts.keys.map((key) => bytes(7, keyBytes(key))),
    ...parts.revisedKeys.map((key) => bytes(8, keyBytes({ reportType: 1, ...key }))),
    parts.extra ?? Buffer.alloc(0),
  ]);
  const sig = Buffer.concat(
    (parts.sigSigners ?? parts.signers).map((signer) => bytes(1, signature(signer, bin, parts))),
  );
  return { bin, sig };
}

/** A zip as the format asks for it, unless an entry says otherwise. */
export function aZip(entries: readonly TestEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = zipEntry(entry, offset);
    locals.push(local);
    centrals.push(central);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A varint field. */
export function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

/** A length-delimited field. */
export function bytes(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);
}

/** A varint; negative numbers take ten bytes, as protobuf has it. */
export function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) + 128);
  return Buffer.from([...out, Number(rest)]);
}

function fixed64(field: number, value: number): Buffer {
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64LE(BigInt(value));
  return Buffer.concat([varint(field * 8 + 1), eight]);
}

function keyBytes({ data, risk, start, period, reportType, days, extra }: TestKey): Buffer {
  const optional = (field: number, value: number | undefined) =>
    value === undefined ? Buffer.alloc(0) : number(field, value);
  return Buffer.concat([
    bytes(1, data),
    number(2, risk ?? 0),
    optional(3, start),
    optional(4, period),
    optional(5, reportType),
    optional(6, days === undefined ? undefined : days >= 0 ? days * 2 : -days * 2 - 1),
    extra ?? Buffer.alloc(0),
  ]);
}

function infoOf({ publicKey }: TestSigner, algorithm = "1.2.840.10045.4.3.2"): Buffer {
  const fields = [publicKey.version, publicKey.id, algorithm];
  return Buffer.concat(fields.map((text, index) => bytes(3 + index, Buffer.from(text))));
}

function signature(signer: TestSigner, bin: Buffer, parts: ExportParts): Buffer {
  const [batchNum, batchSize] = parts.sigBatch ?? [1, 1];
  const der = sign("sha256", bin, parts.signWith ?? signer.privateKey);
  const info = bytes(1, infoOf(signer, parts.algorithm));
  return Buffer.concat([info, number(2, batchNum), number(3, batchSize), bytes(4, der)]);
}

function zipEntry(entry: TestEntry, offset: number): { local: Buffer; central: Buffer } {
  const { name, content, stored = false, descriptor = false, hidden = Buffer.alloc(0) } = entry;
  const data = Buffer.concat([stored ? content : deflateRawSync(content), hidden]);
  const shared = Buffer.alloc(10);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(entry.flags ?? (descriptor ? 8 : 0), 2);
  shared.writeUInt16LE(entry.method ?? (stored ? 0 : 8), 4);
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(entry.crc ?? crc32(content), 0);
  sizes.writeUInt32LE(data.length, 4);
  sizes.writeUInt32LE(entry.inflatedBytes ?? content.length, 8);
  const nameLength = Buffer.from([name.length, 0, 0, 0]);
  const local = [
    Buffer.from("PK\x03\x04", "latin1"),
    shared,
    descriptor ? Buffer.alloc(12) : sizes,
    nameLength,
  ];
  const behind = descriptor ? [Buffer.from("PK\x07\x08", "latin1"), sizes] : [];
  const position = Buffer.alloc(14);
  position.writeUInt32LE(offset, 10);
  const central = [Buffer.from("PK\x01\x02\x14\x00", "latin1"), shared, sizes, nameLength, position];
  return {
    local: Buffer.concat([...local, Buffer.from(name), data, ...behind]),
    central: Buffer.concat([...central, Buffer.from(name)]),
  };
}
