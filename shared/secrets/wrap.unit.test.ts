import { createSecretKey, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unwrap, UnwrapError, wrap } from "./wrap.js";

const KEY = createSecretKey(randomBytes(32));
const SECRET = Buffer.from("a secret");

test("what was wrapped is unwrapped", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), (plaintext, context) => {
      expect(unwrap(KEY, wrap(KEY, plaintext, context), context)).toEqual(Buffer.from(plaintext));
    }),
  );
});

test("a wrapped secret has the documented format", () => {
  const wrapped = wrap(KEY, SECRET, "c");
  expect(wrapped[0]).toBe(1);
  expect(wrapped).toHaveLength(1 + 12 + SECRET.length + 16);
});

test("wrapping twice gives different bytes", () => {
  expect(wrap(KEY, SECRET, "c")).not.toEqual(wrap(KEY, SECRET, "c"));
});

describe("unwrapping is refused", () => {
  const wrapped = wrap(KEY, SECRET, "c");
  const otherKey = createSecretKey(randomBytes(32));
  const cases = [
    ["with another key", () => unwrap(otherKey, wrapped, "c"), "wrong-key-or-context"],
    ["in another context", () => unwrap(KEY, wrapped, "d"), "wrong-key-or-context"],
    ["of nothing", () => unwrap(KEY, Buffer.alloc(0), "c"), "too-short"],
    ["of a start only", () => unwrap(KEY, wrapped.subarray(0, 28), "c"), "too-short"],
    [
      "of a later format",
      () => unwrap(KEY, Buffer.concat([Buffer.of(2), wrapped.subarray(1)]), "c"),
      "unknown-version",
    ],
  ] as const;
  test.each(cases)("%s", (_what, attempt, reason) => {
    expect(attempt).toThrow(new UnwrapError(reason));
  });
});

test("any changed bit and any other bytes are refused with one of the reasons", () => {
  const wrapped = wrap(KEY, SECRET, "c");
  fc.assert(
    fc.property(fc.nat(wrapped.length * 8 - 1), fc.uint8Array({ maxLength: 64 }), (bit, bytes) => {
      const changed = Buffer.from(wrapped);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unwrap(KEY, changed, "c")).toThrow(UnwrapError);
      expect(() => unwrap(KEY, bytes, "c")).toThrow(UnwrapError);
    }),
  );
});
