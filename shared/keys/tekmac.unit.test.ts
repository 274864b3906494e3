import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeLenientBase64 } from "./lenient-base64.js";
import type { PublishedKey } from "./publish-request.js";
import { inTekmacOrder, isTekmacValid, tekmacCleartexts } from "./tekmac.js";

interface Vector {
  name: string;
  hmac_key_hex: string;
  hmacKey_as_sent: string;
  keys_as_sent: Partial<PublishedKey>[];
  key_order_after_sort: string[];
  cleartext_with_transmission_risk: string;
  tekmac_with_transmission_risk_b64: string;
  cleartext_without_transmission_risk?: string;
  tekmac_without_transmission_risk_b64?: string;
}

const { vectors }: { vectors: Vector[] } = JSON.parse(
  readFileSync(new URL("../../test/vectors/verification/tekmac.json", import.meta.url), "utf8"),
);

function aKey(key: Partial<PublishedKey>): PublishedKey {
  return { key: "", rollingStartNumber: 0, rollingPeriod: 0, transmissionRisk: 0, ...key };
}

describe.each(vectors)("$name", (vector) => {
  const sorted = inTekmacOrder(vector.keys_as_sent.map(aKey));
  const secret = Buffer.from(vector.hmac_key_hex, "hex");
  const isValid = (tekmac: string) => isTekmacValid(sorted, secret, Buffer.from(tekmac, "base64"));

  test("covers the same text in the same order as on the reference server", () => {
    expect(sorted.map((key) => key.key)).toEqual(vector.key_order_after_sort);
    const without = vector.cleartext_without_transmission_risk;
    const expected = [vector.cleartext_with_transmission_risk].concat(without === undefined ? [] : [without]);
    expect(tekmacCleartexts(sorted)).toEqual(expected);
  });

  test("is valid in the forms that the reference server allows", () => {
    expect(decodeLenientBase64(vector.hmacKey_as_sent)).toEqual({ ok: true, bytes: secret });
    expect(isValid(vector.tekmac_with_transmission_risk_b64)).toBe(true);
    const without = vector.tekmac_without_transmission_risk_b64;
    if (without !== undefined) expect(isValid(without)).toBe(true);
  });

  test("is not valid with any other value", () => {
    expect(isValid("")).toBe(false);
    expect(isValid(Buffer.alloc(32).toString("base64"))).toBe(false);
  });
});

test.each([
  [
    "z2Cx9hdz2SlxZ8GEgqTYpA==",
    3,
    "dPCphLzfG4uzXneNimkPRQ==",
    5,
    "2u1nHt5WWurJytFLF3xitNzM99oNrad2y4YGOL53AeY=",
  ],
  [
    "z2Cx9hdz2SlxZ8GEgqTYpA==",
    0,
    "dPCphLzfG4uzXneNimkPRQ==",
    0,
    "mFNI9zhTA17n4ndd1Vu5tsn4XQX0gPrIKyjeh/9noUE=",
  ],
  [
    "z2Cx9hdz2SlxZ8GEgqTYpA==",
    0,
    "dPCphLzfG4uzXneNimkPRQ==",
    0,
    "J9S7xVebH/66dm14wGsIcAnSUR3PHD4NtDQEOGZbDUo=",
  ],
])("keys %s (risk %d) and %s (risk %d) have tekmac %s", (first, firstRisk, second, secondRisk, tekmac) => {
  const keys = [
    aKey({ key: first, rollingStartNumber: 1, rollingPeriod: 144, transmissionRisk: firstRisk }),
    aKey({ key: second, rollingStartNumber: 144, rollingPeriod: 144, transmissionRisk: secondRisk }),
  ];
  const secret = Buffer.from("0102030405060708090a0b0c0d0e0f10", "hex");
  expect(isTekmacValid(inTekmacOrder(keys), secret, Buffer.from(tekmac, "base64"))).toBe(true);
});

test("keys are sorted as bytes of UTF-8, whatever text was sent for them", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 8 }), (texts) => {
      const wellFormed = texts.map((text) => text.replace(/\p{Surrogate}/gu, "\uFFFD"));
      const byBytes = wellFormed.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(inTekmacOrder(wellFormed.map((key) => aKey({ key }))).map((key) => key.key)).toEqual(byBytes);
    }),
    { numRuns: 100 },
  );
  const twice = [aKey({ key: "a", rollingPeriod: 1 }), aKey({ key: "a", rollingPeriod: 2 })];
  expect(inTekmacOrder(twice)).toEqual(twice.toReversed());
  const above = inTekmacOrder([aKey({ key: "\u{1F600}" }), aKey({ key: "\uFFFD" })]);
  expect(above.map((key) => key.key)).toEqual(["\uFFFD", "\u{1F600}"]);
});
