import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64Url, decodeLenientBase64 } from "./lenient-base64.js";

const vectors: { rows: { In: string; Hex: string; Err: string }[] } = JSON.parse(
  readFileSync(new URL("../../test/vectors/publish/base64.json", import.meta.url), "utf8"),
);

test.each(vectors.rows)("$In decodes as on the reference server", ({ In, Hex, Err }) => {
  const result = decodeLenientBase64(In);
  expect(result.ok ? { Hex: result.bytes.toString("hex"), Err: "" } : { Hex: "", Err: result.error }).toEqual(
    { Hex, Err },
  );
});

describe("whatever a phone's library writes decodes to the same bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));

  test("in either alphabet, with any padding and line ends anywhere", () => {
    fc.assert(
      fc.property(bytes, fc.boolean(), fc.nat({ max: 5 }), fc.nat(), (data, url, padding, at) => {
        const text = data.toString(url ? "base64url" : "base64").replaceAll("=", "");
        const place = at % (text.length + 1);
        const sent = `${text.slice(0, place)}\r\n${text.slice(place)}${"=".repeat(padding)}`;
        expect(decodeLenientBase64(sent)).toEqual({ ok: true, bytes: data });
      }),
    );
  });

  test("the alphabets may be mixed, and the last bits may be anything", () => {
    expect(decodeLenientBase64("-_+/-_")).toEqual(decodeLenientBase64("+/-_+/"));
    expect(decodeLenientBase64("AB")).toEqual(decodeLenientBase64("AA"));
  });
});

test("a character outside the alphabet is named by its position, and nothing throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const result = decodeLenientBase64(text);
      const stripped = text.replace(/=+$/, "");
      const bad = stripped.search(/[^-_+/A-Za-z0-9\r\n]/);
      const lonely = stripped.replace(/[\r\n]/g, "").length % 4 === 1;
      const position = bad >= 0 ? bad : lonely ? stripped.length - 1 : undefined;
      expect(result.ok ? undefined : result.error).toBe(
        position === undefined ? undefined : `illegal base64 data at input byte ${position}`,
      );
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["QUJD", "ABC"],
  ["-_-_", Buffer.from("fbffbf", "hex").toString("latin1")],
])("segment %s of a token decodes", (text, expected) => {
  expect(decodeBase64Url(text)).toEqual({ ok: true, bytes: Buffer.from(expected, "latin1") });
});

test.each([
  ["QUI=", 3],
  ["QU+D", 2],
  ["Q/JD", 1],
])("segment %s of a token is refused at byte %d", (text, position) => {
  expect(decodeBase64Url(text)).toEqual({
    ok: false,
    error: `illegal base64 data at input byte ${position}`,
  });
});
