import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseTime } from "./time-argument.js";

const nowSeconds = 1_767_225_600;

test.each([
  ["now", nowSeconds],
  ["+2h", nowSeconds + 7200],
  ["-30m", nowSeconds - 1800],
  ["+1h30m", nowSeconds + 5400],
  ["0", 0],
  ["1767225600", 1_767_225_600],
  ["2026-01-01T00:00:00Z", 1_767_225_600],
  ["2026-01-01t01:00:00+01:00", 1_767_225_600],
  ["2026-01-01 00:00:00.9Z", 1_767_225_600],
  ["2024-02-29T00:00:00Z", 1_709_164_800],
  [" now ", nowSeconds],
])("%j is understood", (text, seconds) => {
  expect(parseTime(text, nowSeconds)).toEqual({ ok: true, value: seconds });
});

test.each([
  "",
  "soon",
  "+",
  "+2",
  "2h",
  "+2d",
  "+-2h",
  "2026-01-01",
  "2026-01-01T00:00:00",
  "2026-02-30T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-01-01T25:00:00Z",
  "1.5",
  "-1000000h",
  "253402300800",
  "99999999999999999999",
])("%j is refused with a sentence", (text) => {
  expect(parseTime(text, nowSeconds)).toEqual({ ok: false, error: expect.stringContaining("time") });
});

test("a fraction of a second is cut off", () => {
  expect(parseTime("now", 1.9)).toEqual({ ok: true, value: 1 });
});

test("any text gives a whole time or a sentence", () => {
  const pieces = fc.constantFrom("now", "+", "-", "2", "h", "m", "T", "Z", ":", "2026-01-01", "00", ".", " ");
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseTime(text, nowSeconds);
      if (parsed.ok) expect(Number.isInteger(parsed.value) && parsed.value >= 0).toBe(true);
      else expect(parsed.error).not.toBe("");
    }),
  );
});

test("every second between 1970 and 9999 is understood in both notations", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      const expected = { ok: true, value: seconds };
      expect(parseTime(String(seconds), nowSeconds)).toEqual(expected);
      expect(parseTime(new Date(seconds * 1000).toISOString(), nowSeconds)).toEqual(expected);
    }),
  );
});
