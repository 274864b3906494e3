import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { homePartition } from "./home-partition.js";

const identity = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));

test("a submission with a token goes where the token's submission went", () => {
  fc.assert(
    fc.property(identity, fc.nat(99), (bytes, home) => {
      expect(homePartition(bytes, home, 100)).toBe(home);
    }),
  );
});

test("a submission without one goes where its identity says, the same each time", () => {
  fc.assert(
    fc.property(identity, fc.integer({ min: 1, max: 100 }), (bytes, partitions) => {
      const chosen = homePartition(bytes, undefined, partitions);
      expect(chosen).toBeGreaterThanOrEqual(0);
      expect(chosen).toBeLessThan(partitions);
      expect(homePartition(Buffer.from(bytes), undefined, partitions)).toBe(chosen);
    }),
  );
});

test("a token of a log with more partitions does not lead out of this one", () => {
  expect(homePartition(Buffer.alloc(16), 3, 3)).toBe(0);
});

test("identities spread over all partitions", () => {
  const chosen = Array.from({ length: 200 }, () => homePartition(randomBytes(16), undefined, 4));
  expect(new Set(chosen)).toEqual(new Set([0, 1, 2, 3]));
});
