import { expect, test } from "vitest";
import { seededRandom } from "../phones/seeded-random.js";
import { meanChaff } from "./real-and-chaff.js";
import { separationOf, type Seen } from "./telling-apart.js";

const random = seededRandom("telling apart");
const some = (laterBy = 0): Seen[] =>
  Array.from({ length: 500 }, () => ({
    bytes: 3000 + random.below(1000),
    seconds: (10 + laterBy + random.below(1000) / 50) / 1000,
  }));

test("answers of one distribution are not told apart", () => {
  for (const area of Object.values(separationOf(some(), some()))) expect(area).toBeLessThan(0.57);
});

test("answers that take longer are told apart by their time, and by neighbours", () => {
  const { bytes, seconds, nearest } = separationOf(some(), some(10));
  expect(bytes).toBeLessThan(0.57);
  expect(seconds).toBeGreaterThan(0.8);
  expect(nearest).toBeGreaterThan(0.8);
});

test("averages are told apart by neighbours", () => {
  const real = some();
  expect(separationOf(real, meanChaff(real)).nearest).toBeGreaterThan(0.9);
});
