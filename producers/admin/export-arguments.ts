import { exportLimits } from "../../shared/export-check/export-limits.js";
import { isPeriod } from "../../shared/exports/window.js";
import { durationSeconds } from "../../shared/process/setting-kinds.js";
import type { Parsed } from "./parsed.js";

/** An export's period in seconds, from a duration such as 4h. It divides a day evenly. */
export function parsePeriod(text: string): Parsed<number> {
  const periodSeconds = durationSeconds(text);
  if (periodSeconds === undefined) return { ok: false, error: "a period is written as 4h, 30m or 1h30m" };
  if (isPeriod(periodSeconds)) return { ok: true, value: periodSeconds };
  return {
    ok: false,
    error: "a period is 1s to 24h and divides 24h evenly, such as 24h, 12h, 8h, 6h, 4h, 2h, 1h, 5m",
  };
}

/** Keys below which a window is padded or held, or how far the padding varies. */
export function parseRecords(text: string): Parsed<number> {
  const records = Number(text);
  if (/^\d{1,6}$/.test(text) && records <= exportLimits.keysMax) return { ok: true, value: records };
  return { ok: false, error: `expected a whole number from 0 to ${exportLimits.keysMax}` };
}

/** How long a window may span with the held ones before it. The log keeps keys for longer than that. */
export function parseHold(text: string): Parsed<number> {
  const holdSeconds = durationSeconds(text);
  if (
    holdSeconds !== undefined &&
    Number.isInteger(holdSeconds) &&
    holdSeconds >= 1 &&
    holdSeconds <= 604_800
  )
    return { ok: true, value: holdSeconds };
  return { ok: false, error: "expected a duration from 1s to 168h, such as 24h" };
}

/** Keys in one file: no more than the check of every file lets through. */
export function parseMaxRecords(text: string): Parsed<number> {
  const records = Number(text);
  if (/^\d+$/.test(text) && records >= 1 && records <= exportLimits.keysMax)
    return { ok: true, value: records };
  return {
    ok: false,
    error: `expected a whole number from 1 to ${exportLimits.keysMax}, the most that phones take`,
  };
}
