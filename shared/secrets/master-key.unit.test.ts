import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKey, parseMasterKey } from "./master-key.js";

const TEXT = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString("base64");

describe("a text that is no master key is refused", () => {
  const cases = [
    ["nothing", "", /is empty/],
    ["white space", " \n", /is empty/],
    ["31 bytes", randomBytes(31).toString("base64"), /has 31 bytes, it must have 32/],
    ["33 bytes", randomBytes(33).toString("base64"), /has 33 bytes/],
    ["hexadecimal", randomBytes(32).toString("hex"), /has 48 bytes/],
    ["no padding", TEXT.replace("=", ""), /not base64 with padding/],
    ["other characters", `${TEXT.slice(0, 10)}*${TEXT.slice(11)}`, /not base64/],
    ["zeros", Buffer.alloc(32).toString("base64"), /placeholder/],
  ] as const;
  test.each(cases)("%s", (_what, text, message) => {
    expect(() => parseMasterKey(text)).toThrow(message);
  });
});

test("no error shows what was given", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8 }), (text) => {
      expect(messageOf(text)).not.toContain(text);
    }),
  );
});

test("a file's newline at the end does no harm", () => {
  const [a, b] = [parseMasterKey(TEXT), parseMasterKey(`${TEXT}\n`)];
  expect(a.masterKey.equals(b.masterKey)).toBe(true);
});

test("printing a master key shows nothing", () => {
  const printed =
    inspect(parseMasterKey(TEXT), { depth: 9, showHidden: true }) + JSON.stringify(parseMasterKey(TEXT));
  expect(printed).not.toContain(TEXT);
  expect(printed).not.toContain("1e 1f");
});

/** Calculated with another implementation of HKDF-SHA256. */
test("a derived key never changes", () => {
  const key = deriveKey(parseMasterKey(TEXT), "wrap-signing-key");
  expect(key.export().toString("hex")).toBe(
    "8ed340593e1de8768fce03fdc0e4ff0881a51c234159b64b100e30bd1e491af3",
  );
});

test("another purpose and another master key give other keys", () => {
  const master = parseMasterKey(TEXT);
  const key = deriveKey(master, "a-b");
  expect(deriveKey(master, "a-b").equals(key)).toBe(true);
  expect(deriveKey(master, "a-c").equals(key)).toBe(false);
  expect(deriveKey(parseMasterKey(randomBytes(32).toString("base64")), "a-b").equals(key)).toBe(false);
});

test.each(["", "A", "a b", "a/b", "-a", "a--b"])("%j is no purpose", (purpose) => {
  expect(() => deriveKey(parseMasterKey(TEXT), purpose)).toThrow(RangeError);
});

function messageOf(text: string): string {
  try {
    parseMasterKey(text);
    return "";
  } catch (error) {
    return String(error);
  }
}
