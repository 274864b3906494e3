import { expect, test } from "vitest";
import { extraLines } from "./restore-index.js";

const plan = {
  name: "us/index.txt",
  lines: ["us/1000-1100-00001.zip", "us/1100-1200-00001.zip"],
  told: ["us/900-1000-00001.zip", "us/1000-1100-00001.zip", "us/1100-1200-00001.zip"],
  replaced: ["us/1000-1100-00003.zip"],
  oldestStartSeconds: 0,
  lastEndSeconds: 1200,
};

test.each([
  ["lines that were told of", [], []],
  ["a line whose file was replaced", ["us/1000-1100-00003.zip"], []],
  ["an old line that the clean-up has not taken yet", ["us/900-1000-00001.zip"], []],
  ["a line of a window that a worker is just publishing", ["us/1200-1300-00001.zip"], []],
  ["a line between those that were told of", ["us/1000-1100-00002.zip"], ["us/1000-1100-00002.zip"]],
  ["a line that is no file of an export", ["us/x.zip"], ["us/x.zip"]],
])("of %s, these are of no published file: %s", (_, others, extra) => {
  expect(extraLines(plan, [...plan.lines, ...others])).toEqual(extra);
});
