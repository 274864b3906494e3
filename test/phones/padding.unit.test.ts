import { expect, test } from "vitest";
import { compare } from "./compare.js";
import type { ReadKey } from "./export-reader.js";
import { aLedger, type Ledger } from "./ledger.js";
import { withoutPadding } from "./padding.js";

const real: ReadKey = {
  key: "real",
  transmissionRisk: 2,
  rollingStart: 10,
  rollingPeriod: 144,
  reportType: 2,
  daysSinceOnset: 0,
  file: "a",
};
const known = { tek: "real", start: 10, period: 144, reportType: "likely", regions: ["US"] } as const;
const ledger: Ledger = {
  ...aLedger(),
  acknowledged: new Map([["real", { ...known, traveler: false, acknowledgedAtMs: 1 }]]),
};

test.each<[string, Partial<ReadKey>, boolean]>([
  ["a key like a real one of its file", {}, true],
  ["a key like one of another file", { file: "b" }, false],
  ["a key with another risk", { transmissionRisk: 3 }, false],
  ["a key of another day", { rollingStart: 154 }, false],
])("%s", (_what, changes, isPadding) => {
  const other = { ...real, key: "other", ...changes };
  const read = {
    keys: new Map([
      ["real", [real]],
      ["other", [other]],
    ]),
    revised: new Map<string, ReadKey[]>(),
  };
  const result = withoutPadding(compare(ledger, read), ledger, read);
  expect(result.comparison.unexpected).toEqual(isPadding ? [] : ["other"]);
  expect(result.padding).toBe(isPadding ? 1 : 0);
});

test("a key in two files is no padding", () => {
  const twice = [
    { ...real, key: "other" },
    { ...real, key: "other", file: "b" },
  ];
  const read = {
    keys: new Map([
      ["real", [real, { ...real, file: "b" }]],
      ["other", twice],
    ]),
    revised: new Map<string, ReadKey[]>(),
  };
  const result = withoutPadding(compare(ledger, read), ledger, read);
  expect(result.comparison.unexpected).toEqual(["other"]);
});
