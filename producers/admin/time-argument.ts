import { durationSeconds } from "../../shared/process/setting-kinds.js";
import type { Parsed } from "./parsed.js";

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const SECONDS_MAX = 253_402_300_799;

/** How a time may be written, for help texts. */
export const timeForms = "now, +2h, -30m, RFC 3339 or unix seconds";

/** A time as an operator writes it, in whole unix seconds from 1970 to the year 9999. */
export function parseTime(text: string, nowSeconds: number): Parsed<number> {
  const seconds = secondsOf(text.trim(), nowSeconds);
  if (seconds === undefined) return { ok: false, error: `a time is written as ${timeForms}` };
  const whole = Math.floor(seconds);
  if (whole < 0 || whole > SECONDS_MAX) return { ok: false, error: "this time is not between 1970 and 9999" };
  return { ok: true, value: whole };
}

function secondsOf(text: string, nowSeconds: number): number | undefined {
  if (text === "now") return nowSeconds;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (/^[+-]\d/.test(text)) return offsetFrom(text, nowSeconds);
  const date = RFC_3339.exec(text)?.[1];
  if (date === undefined || !isDate(date)) return undefined;
  const milliseconds = Date.parse(text.toUpperCase().replace(" ", "T"));
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

function offsetFrom(text: string, nowSeconds: number): number | undefined {
  const amount = durationSeconds(text.slice(1));
  if (amount === undefined) return undefined;
  return text.startsWith("-") ? nowSeconds - amount : nowSeconds + amount;
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDate(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}
