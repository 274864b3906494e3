import { expect, test } from "vitest";
import { textFiles } from "./checkout.js";
import { breachesOf, houseRules } from "./house-rules.js";

// What has to break the rules is left out.
const files = textFiles().filter(({ path }) => path !== "test/architecture/rules.unit.test.ts");

test.each(houseRules.map((rule) => [rule.title, rule] as const))("%s", (_title, rule) => {
  expect(breachesOf(rule, files)).toEqual([]);
});
