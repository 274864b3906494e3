import { describe, expect, test } from "vitest";
import { isHeld, type HoldSettings } from "./hold.js";

const settings: HoldSettings = {
  periodSeconds: 3600,
  thruSeconds: undefined,
  holdRecordsMin: 10,
  holdSecondsMax: 10_800,
};
const hour = { startSeconds: 7200, endSeconds: 10_800 };

describe("a window is", () => {
  test.each<[string, Partial<HoldSettings>, number, number, number, boolean]>([
    ["held with too few keys", {}, 9, 0, 1, true],
    ["published with enough", {}, 10, 0, 1, false],
    ["held with too few keys, however many are revised", {}, 9, 100, 1, true],
    ["held with revised keys alone", {}, 0, 1, 1, true],
    ["not held without a key, for there is nothing to hold", {}, 0, 0, 1, false],
    ["held while it spans less than the limit", {}, 9, 0, 2, true],
    ["published when it spans the limit", {}, 9, 0, 3, false],
    ["not held where nothing is", { holdRecordsMin: 0 }, 1, 0, 1, false],
    ["held when another one fits before the end", { thruSeconds: 14_400 }, 9, 0, 1, true],
    ["not held when it is the last", { thruSeconds: 14_399 }, 9, 0, 1, false],
  ])("%s", (_what, changes, keys, revisedKeys, hours, held) => {
    const window = { startSeconds: hour.endSeconds - hours * 3600, endSeconds: hour.endSeconds };
    expect(isHeld({ ...settings, ...changes }, window, { keys, revisedKeys })).toBe(held);
  });
});
