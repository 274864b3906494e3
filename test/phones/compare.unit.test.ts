import { expect, test } from "vitest";
import { compare, isSame } from "./compare.js";
import type { Comparison } from "./compare.js";
import type { ReadKey } from "./export-reader.js";
import { aLedger } from "./ledger.js";
import type { Ledger, LedgerKey } from "./ledger.js";

const nothing = { missing: [], revisionMissing: [], twice: [], unexpected: [], different: [] };

function known(tek: string, changes: Partial<LedgerKey> = {}): LedgerKey {
  const regions = ["US"];
  return {
    tek,
    start: 10,
    period: 144,
    reportType: "likely",
    regions,
    traveler: false,
    acknowledgedAtMs: 1,
    ...changes,
  };
}

function found(key: string, changes: Partial<ReadKey> = {}): ReadKey {
  const values = {
    transmissionRisk: 0,
    rollingStart: 10,
    rollingPeriod: 144,
    reportType: 2,
    daysSinceOnset: 0,
  };
  return { key, ...values, file: "a", ...changes };
}

function ledgerOf(keys: readonly LedgerKey[], unknown: Ledger["unknown"] = new Map()): Ledger {
  return { ...aLedger(), acknowledged: new Map(keys.map((key) => [key.tek, key])), unknown };
}

function readOf(keys: readonly ReadKey[], revised: readonly ReadKey[] = []) {
  return { keys: group(keys), revised: group(revised) };
}

function group(keys: readonly ReadKey[]): Map<string, ReadKey[]> {
  const groups = new Map<string, ReadKey[]>();
  for (const key of keys) groups.set(key.key, [...(groups.get(key.key) ?? []), key]);
  return groups;
}

const revisedKey = known("a", { revised: "confirmed" });
const revision = found("a", { reportType: 1 });
const maybe = new Map([["a", new Set(["confirmed"] as const)]]) as Ledger["unknown"];

const cases: readonly (readonly [string, Ledger, ReturnType<typeof readOf>, Partial<Comparison>])[] = [
  ["all that was acknowledged", ledgerOf([known("a")]), readOf([found("a")]), {}],
  ["a missing key", ledgerOf([known("a"), known("b")]), readOf([found("a")]), { missing: ["b"] }],
  [
    "a key in two files",
    ledgerOf([known("a")]),
    readOf([found("a"), found("a", { file: "b" })]),
    { twice: ["a"] },
  ],
  ["a key that nobody published", ledgerOf([]), readOf([found("a")]), { unexpected: ["a"] }],
  ["another start", ledgerOf([known("a")]), readOf([found("a", { rollingStart: 9 })]), { different: ["a"] }],
  [
    "another report type",
    ledgerOf([known("a")]),
    readOf([found("a", { reportType: 1 })]),
    { different: ["a"] },
  ],
  ["a revised key in both lists", ledgerOf([revisedKey]), readOf([found("a")], [revision]), {}],
  ["a missing revision", ledgerOf([revisedKey]), readOf([found("a")]), { revisionMissing: ["a"] }],
  ["two revisions", ledgerOf([revisedKey]), readOf([found("a")], [revision, revision]), { twice: ["a"] }],
  [
    "a revision that nobody asked for",
    ledgerOf([known("a")]),
    readOf([found("a")], [revision]),
    { unexpected: ["a"] },
  ],
  [
    "another revision",
    ledgerOf([revisedKey]),
    readOf([found("a")], [found("a", { reportType: 5 })]),
    { different: ["a"] },
  ],
  ["an unknown publish that was stored", ledgerOf([], maybe), readOf([found("a", { reportType: 1 })]), {}],
  ["an unknown publish that was not stored", ledgerOf([], maybe), readOf([]), {}],
  [
    "an unknown revision that was stored",
    ledgerOf([known("a")], maybe),
    readOf([found("a")], [revision]),
    {},
  ],
  ["an unknown revision that was not stored", ledgerOf([known("a")], maybe), readOf([found("a")]), {}],
];

test.each(cases)("%s", (_, ledger, read, expected) => {
  const comparison = compare(ledger, read);
  expect(comparison).toEqual({ ...nothing, ...expected });
  expect(isSame(comparison)).toBe(Object.keys(expected).length === 0);
});

test("keys that these exports should not hold are not missed, and not expected", () => {
  const ledger = ledgerOf([known("a", { regions: ["CA"] })]);
  expect(compare(ledger, readOf([]), inUs)).toEqual(nothing);
  expect(compare(ledger, readOf([found("a")]), inUs)).toEqual({ ...nothing, unexpected: ["a"] });
});

function inUs(key: LedgerKey): boolean {
  return key.regions.includes("US");
}
