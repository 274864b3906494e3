import { expect, test } from "vitest";
import { connectionsWithFiles, processLimits } from "./open-files.js";

const limitsOf = (files: string): string =>
  [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max processes             95000                95000                processes ",
    `Max open files            ${files.padEnd(20)} 1048576              files     `,
    "Max locked memory         8388608              8388608              bytes     ",
  ].join("\n");

test.each([
  ["4096", 3596],
  ["15499", 14_999],
  ["100", 1],
])("with %s files there are fewer connections than 15,000", (files, connections) => {
  expect(connectionsWithFiles(15_000, limitsOf(files))).toBe(connections);
});

test.each(["15500", "1048576", "unlimited"])("%s files are enough for 15,000 connections", (files) => {
  expect(connectionsWithFiles(15_000, limitsOf(files))).toBe(15_000);
});

test("where nothing tells how many files there may be, as many as are wanted", () => {
  expect(connectionsWithFiles(15_000, undefined)).toBe(15_000);
  expect(connectionsWithFiles(15_000, "another system's words")).toBe(15_000);
});

test("Linux tells it in these words", () => {
  expect(processLimits()).toMatch(/^Max open files +(\d+|unlimited) /m);
});
