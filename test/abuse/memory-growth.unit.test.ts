import { expect, test } from "vitest";
import { memoryGrowth } from "./memory-growth.js";

test.each([
  ["what stays as it is", [100, 100, 100, 100], 0],
  ["what grew in the first round only", [50, 100, 100, 100], 0],
  ["what grows by a tenth each round, though none stands out", [90, 100, 110, 120, 130, 140], 0.4],
  ["what grew before the last round and not in it", [80, 100, 120, 120], 0.19],
  ["what shrinks", [130, 120, 110, 100], -0.17],
  ["one bad reading among good ones", [100, 100, 100, 130, 100, 100], 0],
])("%s", (_, bytes, growth) => {
  expect(memoryGrowth(bytes)).toBeCloseTo(growth, 1);
});

test("three rounds are too few to tell", () => {
  expect(() => memoryGrowth([100, 100, 100])).toThrow(RangeError);
});
