import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ExportKey } from "./export-key.js";
import { PackedKeys } from "./packed-keys.js";
import { aKey, arbitraryKey, packed } from "./vectors.test-support.js";

test("keys are sorted by the bytes of the TEK, whatever order they came in", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(arbitraryKey(), beginsAlike())), (keys) => {
      const all = packed(keys);
      all.sort();
      const expected = keys.map(({ tek }) => Buffer.from(tek)).sort((a, b) => a.compare(b));
      expect(teksOf(all)).toEqual(expected);
    }),
  );
});

test("more keys than one segment holds keep their bytes", () => {
  // Keys of 27 bytes: a megabyte is passed twice.
  const count = 80_000;
  const all = new PackedKeys();
  for (let number = 0; number < count; number++) all.add(aKey(count - number));
  all.sort();
  const whole = bytesOf(all, 0, count);
  expect(whole.length % count).toBe(0);
  const one = bytesOf(packed([aKey(0)]), 0, 1);
  const broken: number[] = [];
  for (let number = 1; number <= count; number++) {
    one.writeUInt32BE(number, 4);
    if (!whole.subarray((number - 1) * one.length, number * one.length).equals(one)) broken.push(number);
  }
  expect(broken).toEqual([]);
});

test("a key made like another differs from it in the TEK alone", () => {
  fc.assert(
    fc.property(arbitraryKey(), (key) => {
      const tek = Buffer.alloc(16, 0xab);
      const all = packed([aKey(1), key]);
      all.addLike(1, tek);
      expect(bytesOf(all, 2, 3)).toEqual(bytesOf(packed([{ ...key, tek }]), 0, 1));
    }),
  );
});

test("a part of the keys is written as it stands in the whole", () => {
  const all = packed([aKey(3), aKey(1), aKey(2)]);
  expect(bytesOf(all, 1, 3)).toEqual(bytesOf(packed([aKey(1), aKey(2)]), 0, 2));
});

function beginsAlike(): fc.Arbitrary<ExportKey> {
  return fc.nat(3).map((last) => {
    const tek = Buffer.alloc(16, 7);
    tek[15] = last;
    return aKey(0, { tek });
  });
}

function teksOf(all: PackedKeys): Buffer[] {
  return Array.from({ length: all.count }, (_, index) => all.tekAt(index));
}

function bytesOf(all: PackedKeys, from: number, to: number): Buffer {
  const out = Buffer.alloc((to - from) * 80);
  return out.subarray(0, all.copyTo(out, 0, 7, from, to));
}
