import { expect, test } from "vitest";
import { planOffsets } from "./plan-offsets.js";

const at = { partition: 0, low: 10, high: 50, committed: undefined };

test.each([
  ["an offset that is there is kept", { ...at, committed: 20 }, 30, { kind: "keep" }],
  ["a missing one becomes the first that was not told of", at, 30, { kind: "restore", offset: 30, gone: 0 }],
  ["also at the very end", at, 50, { kind: "restore", offset: 50, gone: 0 }],
  ["records that retention removed are counted", at, 4, { kind: "restore", offset: 10, gone: 6 }],
  ["what was never told of begins at the beginning", { ...at, low: 0 }, undefined, { offset: 0, gone: 0 }],
  ["a log that ends before what was told from it is another one", at, 51, { kind: "refuse" }],
])("%s", (_what, offset, told, expected) => {
  const known = new Map(told === undefined ? [] : [[0, told]]);
  expect(planOffsets([offset], known)).toMatchObject([expected]);
});
