import { expect, test } from "vitest";
import { textFiles } from "./checkout.js";
import { breachesOf, houseRules } from "./house-rules.js";

const files = textFiles();

test.each(houseRules)("$title", (rule) => {
  expect(breachesOf(rule, files)).toEqual([]);
});
