import { p256 } from "@noble/curves/nist.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeEcdsaDer } from "./ecdsa-der.js";

describe("an integer has no needless zeros, and one where its first bit is set", () => {
  const cases = [
    ["small numbers", "01", "7f", "300602010102017f"],
    ["first bits set", "80", "ff", "300802020080020200ff"],
    ["zeros in front", "000001", "00ff00", "3008020101020300ff00"],
    ["zero", "00", "00", "3006020100020100"],
  ] as const;
  test.each(cases)("%s", (_what, r, s, der) => {
    expect(encodeEcdsaDer(Buffer.from(r + s, "hex")).toString("hex")).toBe(der);
  });
});

test("another encoder gives the same bytes", () => {
  const scalar = fc.bigInt({ min: 1n, max: p256.Point.Fn.ORDER - 1n });
  const small = fc.bigInt({ min: 1n, max: 1n << 72n });
  fc.assert(
    fc.property(fc.oneof(scalar, small), fc.oneof(scalar, small), (r, s) => {
      const signature = new p256.Signature(r, s);
      expect(encodeEcdsaDer(signature.toBytes("compact")).toString("hex")).toBe(signature.toHex("der"));
    }),
  );
});
