import { expect, test } from "vitest";
import type { HonestResult } from "./honest-crowd.js";
import { judgeHonest } from "./judge-honest.js";

const allServed: HonestResult = { statuses: { 200: 100 }, p99Seconds: 0.2, secondsMax: 0.3, offences: [] };
const nobodyServed: HonestResult = {
  statuses: { 503: 100 },
  p99Seconds: undefined,
  secondsMax: undefined,
  offences: [],
};
const left = { phones: 100, isCapacityLeft: true };
const none = { phones: 100, isCapacityLeft: false };

test.each([
  ["everybody is served", allServed, left],
  ["half is served, and half is told to come again", { ...allServed, statuses: { 200: 50, 503: 50 } }, left],
  ["nobody is served where no capacity is left", nobodyServed, none],
])("all is well when %s", (_, result, expected) => {
  expect(judgeHonest(result, expected)).toEqual([]);
});

test.each([
  ["nobody is served where capacity is left", nobodyServed, left, "0 of 100 phones were served"],
  ["few are", { ...allServed, statuses: { 200: 49, 503: 51 } }, left, "49 of 100 phones were served"],
  ["phones are missing", { ...allServed, statuses: { 200: 99 } }, none, "99 of 100 phones came to an end"],
  ["it takes too long", { ...allServed, p99Seconds: 1.5 }, none, "p99 1.5 s"],
  ["nobody knows how long it takes", { ...allServed, p99Seconds: Number.NaN }, none, "p99 NaN s"],
  ["an answer is wrong", { ...allServed, offences: ["500 fault"] }, none, "500 fault"],
])("there is a complaint when %s", (_, result, expected, complaint) => {
  expect(judgeHonest(result, expected)).toEqual([complaint]);
});
