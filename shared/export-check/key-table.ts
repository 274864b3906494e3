import {
  malformed,
  readInt32,
  readLengthDelimited,
  readSint32,
  readTag,
  skipField,
  tagOf,
  wire,
  wireCursor,
} from "./wire-cursor.js";
import type { WireCursor } from "./wire-cursor.js";

/**
 * The keys of one list as columns, in the file's order: half a million records would be half a million objects.
 * `keyAt` gives one key as a record.
 */
export interface KeyTable {
  readonly count: number;
  /** 16 bytes a key, one after the other; zeros where the length was wrong. */
  readonly keyBytes: Uint8Array;
  /** Length of each key as sent, in bytes, at most 255. */
  readonly keyLengths: Uint8Array;
  readonly transmissionRisks: Int32Array;
  readonly rollingStarts: Int32Array;
  readonly rollingPeriods: Int32Array;
  readonly reportTypes: Int32Array;
  /** `daysAbsent` where the field was not sent. */
  readonly daysSinceOnset: Int32Array;
}

/** The value of `daysSinceOnset` for a key that has none. */
export const daysAbsent = -0x80000000;

/** One key of an export (reference server facts, §6.6). The start is an interval number of 10 minutes. */
export interface ExportedKey {
  /** Standard base64 of the 16 bytes. */
  readonly key: string;
  readonly transmissionRisk: number;
  readonly rollingStart: number;
  readonly rollingPeriod: number;
  /** The enum's number; 0 when absent. */
  readonly reportType: number;
  readonly daysSinceOnset: number | undefined;
}

const tags = {
  keyData: tagOf(1, wire.bytes),
  transmissionRisk: tagOf(2, wire.varint),
  rollingStart: tagOf(3, wire.varint),
  rollingPeriod: tagOf(4, wire.varint),
  reportType: tagOf(5, wire.varint),
  daysSinceOnset: tagOf(6, wire.varint),
} as const;

/** Reads the fields with the given tag, all of them keys and `count` in number, behind the cursor. */
export function readKeyTable(cursor: WireCursor, keysTag: number, count: number): KeyTable {
  const table = emptyKeyTable(count);
  const inner = wireCursor(cursor.bytes);
  for (let row = 0; row < count;) {
    const tag = readTag(cursor);
    if (tag !== keysTag) {
      skipField(cursor, tag);
      continue;
    }
    inner.at = readLengthDelimited(cursor);
    inner.end = cursor.at;
    readKey(inner, table, row++);
  }
  return table;
}

/** The key in a row as a record. */
export function keyAt(table: KeyTable, row: number): ExportedKey {
  const days = table.daysSinceOnset[row] ?? daysAbsent;
  return {
    key: Buffer.from(table.keyBytes.subarray(row * 16, row * 16 + 16)).toString("base64"),
    transmissionRisk: table.transmissionRisks[row] ?? 0,
    rollingStart: table.rollingStarts[row] ?? 0,
    rollingPeriod: table.rollingPeriods[row] ?? 0,
    reportType: table.reportTypes[row] ?? 0,
    daysSinceOnset: days === daysAbsent ? undefined : days,
  };
}

function emptyKeyTable(count: number): KeyTable {
  return {
    count,
    keyBytes: new Uint8Array(count * 16),
    keyLengths: new Uint8Array(count),
    transmissionRisks: new Int32Array(count),
    rollingStarts: new Int32Array(count),
    rollingPeriods: new Int32Array(count).fill(144),
    reportTypes: new Int32Array(count),
    daysSinceOnset: new Int32Array(count).fill(daysAbsent),
  };
}

function readKey(cursor: WireCursor, table: KeyTable, row: number): void {
  while (cursor.at < cursor.end) {
    const tag = readTag(cursor);
    if (tag === tags.keyData) readKeyData(cursor, table, row);
    else if (tag === tags.transmissionRisk) table.transmissionRisks[row] = readInt32(cursor);
    else if (tag === tags.rollingStart) table.rollingStarts[row] = readInt32(cursor);
    else if (tag === tags.rollingPeriod) table.rollingPeriods[row] = readInt32(cursor);
    else if (tag === tags.reportType) table.reportTypes[row] = readInt32(cursor);
    else if (tag === tags.daysSinceOnset) table.daysSinceOnset[row] = readSint32(cursor);
    else if (tag >>> 3 <= 6) malformed(`wire type of field ${tag >>> 3} of a key`);
    else skipField(cursor, tag);
  }
}

function readKeyData(cursor: WireCursor, table: KeyTable, row: number): void {
  const from = readLengthDelimited(cursor);
  const length = cursor.at - from;
  table.keyLengths[row] = Math.min(length, 255);
  if (length !== 16) return;
  for (let byte = 0; byte < 16; byte++) table.keyBytes[row * 16 + byte] = cursor.bytes[from + byte] ?? 0;
}
