import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMaxRecords, parsePeriod } from "./export-arguments.js";
import {
  parseAppName,
  parseFilenameRoot,
  parseId,
  parseJwksUri,
  parseRegion,
  parseSigningKeyName,
  parseText,
} from "./name-arguments.js";

const parsers = {
  parseId,
  parseAppName,
  parseRegion,
  parseFilenameRoot,
  parseSigningKeyName,
  parseText,
  parseJwksUri,
  parsePeriod,
  parseMaxRecords,
};
type ParserName = keyof typeof parsers;

describe("what is understood", () => {
  const cases: [ParserName, string, string | number][] = [
    ["parseId", "us-ha.2_b", "us-ha.2_b"],
    ["parseId", "a".repeat(64), "a".repeat(64)],
    ["parseAppName", "Com.Example.App", "com.example.app"],
    ["parseRegion", "us-ca", "US-CA"],
    ["parseFilenameRoot", "exports/us_v1", "exports/us_v1"],
    ["parseSigningKeyName", "310", "310"],
    ["parseText", "  Health, authority ", "Health, authority"],
    ["parseJwksUri", "HTTPS://ha.Example/jwks?v=1", "https://ha.example/jwks?v=1"],
    ["parseJwksUri", "http://127.0.0.1:8080", "http://127.0.0.1:8080/"],
    ["parsePeriod", "4h", 14_400],
    ["parsePeriod", "1s", 1],
    ["parsePeriod", "24h", 86_400],
    ["parsePeriod", "1h30m", 5400],
    ["parseMaxRecords", "1", 1],
    ["parseMaxRecords", "750000", 750_000],
  ];
  test.each(cases)("%s takes %j", (name, text, value) => {
    expect(parsers[name](text)).toEqual({ ok: true, value });
  });
});

describe("what is refused", () => {
  const cases: [ParserName, string][] = [
    ["parseId", ""],
    ["parseId", "a/b"],
    ["parseId", "-a"],
    ["parseJwksUri", ""],
    ["parseJwksUri", "ha.example/jwks"],
    ["parseJwksUri", "file:///etc/passwd"],
    ...["user@", "user:secret@", ":secret@"].map((who): [ParserName, string] => [
      "parseJwksUri",
      `https://${who}ha.example/`,
    ]),
    ["parseJwksUri", "https://ha.example/#keys"],
    ["parseJwksUri", `https://ha.example/${"a".repeat(1000)}`],
    ["parseId", "a b"],
    ["parseId", "a".repeat(65)],
    ["parseAppName", ""],
    ["parseAppName", "an app"],
    ["parseAppName", "äpp"],
    ["parseRegion", ""],
    ["parseRegion", "U S"],
    ["parseFilenameRoot", "/exports"],
    ["parseFilenameRoot", "exports/"],
    ["parseFilenameRoot", "exports/../other"],
    ["parseFilenameRoot", "a//b"],
    ["parseSigningKeyName", "v-1"],
    ["parseText", "  "],
    ["parseText", "two\nlines"],
    ["parsePeriod", "5h"],
    ["parsePeriod", "0s"],
    ["parsePeriod", "25h"],
    ["parsePeriod", "48h"],
    ["parsePeriod", "500ms"],
    ["parsePeriod", "-4h"],
    ["parsePeriod", "4"],
    ["parseMaxRecords", "0"],
    ["parseMaxRecords", "750001"],
    ["parseMaxRecords", "1e3"],
  ];
  test.each(cases)("%s refuses %j", (name, text) => {
    expect(parsers[name](text)).toEqual({ ok: false, error: expect.any(String) });
  });
});

test("any text is understood or refused, and what an id gives is safe in a path", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      for (const parse of Object.values(parsers)) expect(typeof parse(text).ok).toBe("boolean");
      const id = parseId(text);
      if (id.ok) expect(encodeURIComponent(id.value)).toBe(id.value);
    }),
  );
});
