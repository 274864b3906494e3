import type { ExportLimits } from "./export-limits.js";
import type { Report } from "./finding.js";
import { daysAbsent } from "./key-table.js";
import type { KeyTable } from "./key-table.js";

/** The window that an export covers, in Unix seconds. */
interface WindowSeconds {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

const intervalSeconds = 600;
const intervalsPerDay = 144;

/**
 * Checks one list of keys: 16 bytes each, strictly ascending by bytes, and every value in the range that phones
 * accept (reference server facts, §6.6 and §6.7). Details name the row, never the key.
 */
export function checkKeys(
  list: string,
  keys: KeyTable,
  window: WindowSeconds,
  limits: ExportLimits,
  report: Report,
): void {
  const startMin = Math.floor(window.startSeconds / intervalSeconds) - limits.keyAgeDaysMax * intervalsPerDay;
  const startMax = Math.floor(window.endSeconds / intervalSeconds) + limits.keyAheadIntervalsMax;
  for (let row = 0; row < keys.count; row++) {
    checkOrder(list, keys, row, report);
    checkRollingStart(list, keys, row, Math.max(1, startMin), startMax, report);
    checkRanges(list, keys, row, report);
  }
}

function checkOrder(list: string, keys: KeyTable, row: number, report: Report): void {
  if (keys.keyLengths[row] !== 16)
    report("key_length_wrong", `${list}[${row}]: ${keys.keyLengths[row]} bytes`);
  if (row === 0) return;
  const order = compareWithPrevious(keys.keyBytes, row);
  if (order < 0) report("keys_unsorted", `${list}[${row}]`);
  if (order === 0) report("key_repeated", `${list}[${row}]`);
}

function compareWithPrevious(keyBytes: Uint8Array, row: number): number {
  for (let at = row * 16; at < row * 16 + 16; at++) {
    const difference = (keyBytes[at] ?? 0) - (keyBytes[at - 16] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function checkRollingStart(
  list: string,
  keys: KeyTable,
  row: number,
  min: number,
  max: number,
  report: Report,
): void {
  const start = keys.rollingStarts[row] ?? 0;
  if (start < min || start > max) {
    report("rolling_start_implausible", `${list}[${row}]: ${start}, expected ${min} to ${max}`);
  }
}

function checkRanges(list: string, keys: KeyTable, row: number, report: Report): void {
  const period = keys.rollingPeriods[row] ?? 0;
  if (period < 1 || period > 144) report("rolling_period_out_of_range", `${list}[${row}]: ${period}`);
  const risk = keys.transmissionRisks[row] ?? 0;
  if (risk < 0 || risk > 8) report("transmission_risk_out_of_range", `${list}[${row}]: ${risk}`);
  const reportType = keys.reportTypes[row] ?? 0;
  if (reportType < 0 || reportType > 5) report("report_type_unknown", `${list}[${row}]: ${reportType}`);
  const days = keys.daysSinceOnset[row] ?? daysAbsent;
  if (days !== daysAbsent && (days < -14 || days > 14)) {
    report("days_since_onset_out_of_range", `${list}[${row}]: ${days}`);
  }
}
