import { expect, test } from "vitest";
import { reportTypeNumber, reportTypeOf } from "./report-type-number.js";

test.each([
  ["", 0],
  ["confirmed", 1],
  ["likely", 2],
  ["user-report", 3],
  ["negative", 5],
] as const)("%j has the export file's number %i, and back", (reportType, number) => {
  expect(reportTypeNumber(reportType)).toBe(number);
  expect(reportTypeOf(number)).toBe(reportType);
});

test.each([4, 6, -1, 1.5])("%d is no report type of a record", (number) => {
  expect(reportTypeOf(number)).toBeUndefined();
});
