import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  durationSeconds,
  flag,
  list,
  optionalText,
  seconds,
  secondsOrOff,
  text,
  whole,
} from "./setting-kinds.js";
import { readSettings, SettingsError, type Setting } from "./settings.js";

const description = "what it is for";

/** What a setting makes of a text, or the word "refused". */
function read<Value>(setting: Setting<Value>, value: string | undefined): unknown {
  try {
    return readSettings({ it: setting }, { IT: value }).it;
  } catch (error) {
    if (error instanceof SettingsError) return "refused";
    throw error;
  }
}

describe("each kind of setting", () => {
  const bounded = whole("IT", { description, fallback: "5", min: 1, max: 9 });
  const duration = seconds("IT", { description, min: 1, max: 86_400 });
  const offable = secondsOrOff("IT", { description, min: 172_800 });
  test.each<[string, Setting<unknown>, string | undefined, unknown]>([
    ["text", text("IT", { description }), "some text", "some text"],
    ["text that is missing", text("IT", { description }), undefined, "refused"],
    ["text that is empty, so missing", text("IT", { description }), "", "refused"],
    ["text with a default", text("IT", { description, fallback: "usual" }), undefined, "usual"],
    ["optional text", optionalText("IT", { description }), undefined, undefined],
    ["a list", list("IT", { description }), "a:1, b:2,,", ["a:1", "b:2"]],
    ["a list that is missing", list("IT", { description }), undefined, "refused"],
    ["a whole number", bounded, "9", 9],
    ["a whole number's default", bounded, undefined, 5],
    ["a number below its least", bounded, "0", "refused"],
    ["a number above its most", bounded, "10", "refused"],
    ["a fraction", bounded, "5.5", "refused"],
    ["a number in another notation", bounded, "0x5", "refused"],
    ["a word for a number", bounded, "five", "refused"],
    ["true", flag("IT", { description }), "true", true],
    ["a flag's default", flag("IT", { description }), undefined, false],
    ["a flag that says yes", flag("IT", { description }), "yes", "refused"],
    ["a duration", duration, "1h30m", 5400],
    ["a duration that may be off", offable, "48h", 172_800],
    ["a duration that may be off, too short", offable, "47h59m59s", "refused"],
    ["a duration that is off", offable, "0", 0],
    ["a duration that is less than off", offable, "-1h", 0],
    ["a word for a duration that may be off", offable, "off", "refused"],
    ["a duration without a unit", duration, "90", "refused"],
    ["a duration that is too long", duration, "25h", "refused"],
    ["a negative duration", duration, "-1h", "refused"],
  ])("%s", (_what, setting, value, expected) => {
    expect(read(setting, value)).toEqual(expected);
  });
});

describe("durations are Go's", () => {
  test.each([
    ["336h", 1_209_600],
    ["1h30m10s", 5410],
    ["250ms", 0.25],
    ["1.5h", 5400],
    ["0", 0],
    ["-2m", -120],
  ])("%s is %d seconds", (value, expected) => {
    expect(durationSeconds(value)).toBeCloseTo(expected, 9);
  });

  test.each(["", "h", "1", "1d", "1 h", "1h ", "--1h", "1h-1m", "١h"])("%j is none", (value) => {
    expect(durationSeconds(value)).toBeUndefined();
  });

  test("whatever the text, the answer is a finite number or none", () => {
    const soup = fc.string({ unit: fc.constantFrom("-", "0", "1", "9", ".", "h", "m", "s"), maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), soup), (value) => {
        const found = durationSeconds(value);
        expect(found === undefined || Number.isFinite(found)).toBe(true);
      }),
    );
  });
});
