import type { ExportKey, ExportReportType } from "./export-key.js";

export const TEK_BYTES = 16;
/** The TEK begins behind the key's tag and length and its own tag and length. */
export const TEK_AT = 4;
/** Tag and length, TEK, three int32 of up to ten bytes each, report type, onset of up to five bytes. */
export const KEY_BYTES_MAX = 2 + (2 + TEK_BYTES) + 3 * 11 + 2 + 6;
/** The value that phones assume for an absent rolling_period. */
const DEFAULT_ROLLING_PERIOD = 144;

/** The wire types of these fields are varint, so the tag is the field number times eight. */
const TAG_KEY_DATA = 0x0a;
const TAG_TRANSMISSION_RISK = 0x10;
const TAG_ROLLING_START = 0x18;
const TAG_ROLLING_PERIOD = 0x20;
const TAG_REPORT_TYPE = 0x28;
const TAG_DAYS_SINCE_ONSET = 0x30;

const REPORT_TYPE_NUMBERS: Record<Exclude<ExportReportType, "">, number> = {
  confirmed: 1,
  likely: 2,
  "user-report": 3,
  negative: 5,
};

/** A TEK as it lies among other bytes. */
export interface TekPlace {
  readonly bytes: Uint8Array;
  readonly tekAt: number;
}

/** 7: keys, 8: revised keys. */
export type KeyFieldNumber = 7 | 8;

/**
 * Writes one key as it stands in `export.bin`, and gives where it ends.
 *
 * Written by hand against the field table (reference server facts, §6.6) and not generated from a schema, because the
 * phones' message is proto2: a risk of 0 and an onset of 0 days are written, a period of 144 and a start of 0 are not,
 * and code generated for proto3 loses that. It is also several times as fast.
 *
 * A key's message is always shorter than 128 bytes, so its length is one byte, filled in when it is known.
 */
export function writeKey(out: Buffer, at: number, tek: TekPlace, key: Omit<ExportKey, "tek">): number {
  const start = at + 2;
  let end = writeTek(out, start, tek);
  end = writeInt32(out, end, TAG_TRANSMISSION_RISK, key.transmissionRisk);
  if (key.rollingStartIntervalNumber !== 0)
    end = writeInt32(out, end, TAG_ROLLING_START, key.rollingStartIntervalNumber);
  if (key.rollingPeriod !== DEFAULT_ROLLING_PERIOD)
    end = writeInt32(out, end, TAG_ROLLING_PERIOD, key.rollingPeriod);
  if (key.reportType !== "") end = writeInt32(out, end, TAG_REPORT_TYPE, REPORT_TYPE_NUMBERS[key.reportType]);
  if (key.daysSinceOnset !== undefined) end = writeSint32(out, end, TAG_DAYS_SINCE_ONSET, key.daysSinceOnset);
  out[at] = keyTag(7);
  out[at + 1] = end - start;
  return end;
}

/** The byte that a key begins with in the list of this number. */
export function keyTag(fieldNumber: KeyFieldNumber): number {
  return (fieldNumber << 3) | 2;
}

function writeTek(out: Buffer, at: number, { bytes, tekAt }: TekPlace): number {
  out[at] = TAG_KEY_DATA;
  out[at + 1] = TEK_BYTES;
  const start = at + 2;
  for (let i = 0; i < TEK_BYTES; i++) out[start + i] = bytes[tekAt + i] ?? 0;
  return start + TEK_BYTES;
}

/** A negative int32 is sign-extended to 64 bits: ten bytes. */
function writeInt32(out: Buffer, at: number, tag: number, value: number): number {
  out[at] = tag;
  if (value >= 0) return writeVarint(out, at + 1, value);
  let rest = BigInt.asUintN(64, BigInt(value));
  let end = at + 1;
  for (; rest > 127n; rest >>= 7n) out[end++] = Number(rest & 127n) | 128;
  out[end++] = Number(rest);
  return end;
}

/** Zigzag: 0, -1, 1, -2 are written as 0, 1, 2, 3. */
function writeSint32(out: Buffer, at: number, tag: number, value: number): number {
  out[at] = tag;
  return writeVarint(out, at + 1, ((value << 1) ^ (value >> 31)) >>> 0);
}

function writeVarint(out: Buffer, at: number, value: number): number {
  let rest = value;
  let end = at;
  for (; rest > 127; rest >>>= 7) out[end++] = (rest & 127) | 128;
  out[end++] = rest;
  return end;
}
