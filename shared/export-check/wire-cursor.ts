import { unreadable } from "./finding.js";

/**
 * A position in protobuf bytes. The last varint read is left in `low` and `high` (unsigned 32-bit halves), so that
 * reading a number makes no garbage: an export has millions of them.
 */
export interface WireCursor {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  low: number;
  high: number;
}

/** The wire types in use; groups (3 and 4) are refused. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A cursor over `bytes` from `at` to `end`. */
export function wireCursor(bytes: Uint8Array, at = 0, end = bytes.length): WireCursor {
  return { bytes, at, end, low: 0, high: 0 };
}

/**
 * Reads a varint of at most 64 bits into `low` and `high`, and returns `low`. Refused: a truncated one, one of
 * more than 64 bits, and one that is longer than its number needs, for two spellings of one number have no place
 * in a file that is compared byte for byte.
 */
export function readVarint(cursor: WireCursor): number {
  const { bytes, end } = cursor;
  const first = cursor.at < end ? (bytes[cursor.at] ?? 0) : malformed("truncated varint");
  cursor.at++;
  cursor.low = first & 0x7f;
  cursor.high = 0;
  return first < 0x80 ? first : readLongVarint(cursor);
}

function readLongVarint(cursor: WireCursor): number {
  for (let shift = 7; shift <= 63; shift += 7) {
    if (cursor.at >= cursor.end) malformed("truncated varint");
    const byte = cursor.bytes[cursor.at++] ?? 0;
    if (shift === 63 && byte > 1) malformed("varint of more than 64 bits");
    addBits(cursor, byte & 0x7f, shift);
    if (byte < 0x80) return byte === 0 ? malformed("overlong varint") : cursor.low;
  }
  return malformed("varint of more than 64 bits");
}

function addBits(cursor: WireCursor, bits: number, shift: number): void {
  if (shift < 32) cursor.low = (cursor.low | (bits << shift)) >>> 0;
  if (shift === 28) cursor.high = bits >>> 4;
  if (shift > 32) cursor.high = (cursor.high | (bits << (shift - 32))) >>> 0;
}

/** Reads an int32 or an enum: a varint whose value fits 32 bits with sign. */
export function readInt32(cursor: WireCursor): number {
  const low = readVarint(cursor);
  const positive = cursor.high === 0 && low < 0x80000000;
  const negative = cursor.high === 0xffffffff && low >= 0x80000000;
  return positive || negative ? low | 0 : malformed("int32 out of range");
}

/** Reads a sint32: a zigzag varint of 32 bits. */
export function readSint32(cursor: WireCursor): number {
  const low = readVarint(cursor);
  if (cursor.high !== 0) malformed("sint32 out of range");
  return (low >>> 1) ^ -(low & 1);
}

/** Reads a fixed64 as a number; refuses what a number can't hold exactly. */
export function readFixed64(cursor: WireCursor): number {
  const from = skipBytes(cursor, 8);
  const view = new DataView(cursor.bytes.buffer, cursor.bytes.byteOffset + from, 8);
  const value = view.getBigUint64(0, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : malformed("fixed64 out of range");
}

/** Reads a length and steps over as many bytes; returns where they start. They end at the cursor's new position. */
export function readLengthDelimited(cursor: WireCursor): number {
  const length = readVarint(cursor);
  return skipBytes(cursor, cursor.high === 0 ? length : Number.POSITIVE_INFINITY);
}

/** Reads a string; refuses invalid UTF-8. */
export function readString(cursor: WireCursor): string {
  const from = readLengthDelimited(cursor);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      cursor.bytes.subarray(from, cursor.at),
    );
  } catch {
    return malformed("invalid UTF-8");
  }
}

/** Reads a field's tag: number shifted left by three, or wire type. */
export function readTag(cursor: WireCursor): number {
  const tag = readVarint(cursor);
  return cursor.high === 0 && tag >= 8 ? tag : malformed("impossible field number");
}

/** Steps over the value of a field that nobody here knows. */
export function skipField(cursor: WireCursor, tag: number): void {
  const wireType = tag & 7;
  if (wireType === wire.varint) readVarint(cursor);
  else if (wireType === wire.fixed64) skipBytes(cursor, 8);
  else if (wireType === wire.bytes) readLengthDelimited(cursor);
  else if (wireType === wire.fixed32) skipBytes(cursor, 4);
  else malformed(`wire type ${wireType}`);
}

/** The tag of a field. */
export function tagOf(fieldNumber: number, wireType: number): number {
  return fieldNumber * 8 + wireType;
}

/** Stops reading because the bytes are no protobuf of the expected kind. */
export function malformed(detail: string): never {
  return unreadable("protobuf_malformed", detail);
}

function skipBytes(cursor: WireCursor, count: number): number {
  const from = cursor.at;
  if (count > cursor.end - from) malformed("truncated field");
  cursor.at += count;
  return from;
}
