import { expect, test } from "vitest";
import { details, durationText, listText, table, timeText } from "./print.js";

test("columns are as wide as their widest cell", () => {
  const text = table(
    ["ID", "NAME"],
    [
      ["a", "long name"],
      ["abc", ""],
    ],
    "nothing",
  );
  expect(text).toBe("ID   NAME\na    long name\nabc\n");
});

test("a table without rows is a sentence", () => {
  expect(table(["ID"], [], "There is nothing.")).toBe("There is nothing.\n");
});

test("details stand in two columns", () => {
  expect(
    details([
      ["id", "1"],
      ["name", "x"],
    ]),
  ).toBe("id:   1\nname: x\n");
});

test.each([
  [86_400, "24h"],
  [5400, "1h30m"],
  [61, "1m1s"],
  [0, "0s"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("times are in UTC, and no end has a word", () => {
  expect(timeText(1_767_225_600)).toBe("2026-01-01T00:00:00Z");
  expect(timeText(null)).toBe("no end");
});

test("an empty list has a sign", () => {
  expect(listText([])).toBe("-");
  expect(listText(["A", "B"])).toBe("A B");
});
