import { expect, test } from "vitest";
import { shortcomings, type Load } from "./judge-load.js";

const steady: Load = {
  perSecond: 10,
  seconds: 60,
  periodSeconds: 10,
  statuses: { 200: 600 },
  windowsPublished: 6,
};

test.each<[string, Partial<Load>]>([
  ["all that was asked for", {}],
  ["nine tenths of the rate", { statuses: { 200: 540 } }],
  ["half of the windows", { windowsPublished: 3 }],
])("%s is a steady load", (_, changed) => {
  expect(shortcomings({ ...steady, ...changed })).toEqual([]);
});

test.each<[string, Partial<Load>, string]>([
  ["less than nine tenths of the rate", { seconds: 67 }, "9.0 publishes a second were accepted, not 10"],
  ["no publish", { statuses: {} }, "0.0 publishes a second were accepted, not 10"],
  ["no time", { statuses: {}, seconds: 0 }, "NaN publishes a second were accepted, not 10"],
  ["no export", { windowsPublished: 0 }, "0 windows were published, not about 6"],
  ["fewer than half of the windows", { windowsPublished: 2 }, "2 windows were published, not about 6"],
  [
    "a refused publish",
    { statuses: { 200: 600, 503: 1 } },
    "not all publishes were accepted, some were answered 503",
  ],
])("%s is none", (_, changed, shortcoming) => {
  expect(shortcomings({ ...steady, ...changed })).toContain(shortcoming);
});
