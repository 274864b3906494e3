import { expect, test } from "vitest";
import { textFiles } from "./checkout.js";

// docs/security.md is a promise: each door has its threats there, each threat a measure, and the tests exist.

const files = textFiles();
const text = files.find(({ path }) => path === "docs/security.md")?.text ?? "";
const rows = [...text.matchAll(/^\| ([A-Za-z ]+?) +\| ([STRIDE]) +\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)].map(
  ([, door = "", letter = "", ...cells]) => ({ door, letter, cells: cells.map((cell) => cell.trim()) }),
);

test("every door is looked at", () => {
  const doors = ["phone", "health authority", "admin", "Kafka", "registry"];
  const more = ["MongoDB", "Redis", "object store", "files", "logs"];
  expect([...new Set(rows.map(({ door }) => door))]).toEqual([...doors, ...more]);
});

test("every kind of threat is", () => {
  expect([...new Set(rows.map(({ letter }) => letter))].sort()).toEqual(["D", "E", "I", "R", "S", "T"]);
});

test("each threat has a measure, and a test or the word that there is none", () => {
  for (const { cells } of rows) {
    const [what = "", measure = "", proof = ""] = cells;
    expect([what.length > 10, measure.length > 10]).toEqual([true, true]);
    expect(proof).toMatch(/^none|\.test\.ts`/);
  }
  expect(rows.filter(({ cells: [, , proof = ""] }) => proof.startsWith("none")).length).toBeLessThanOrEqual(
    2,
  );
});

test("the tests that it names are there", () => {
  const named = [...text.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(50);
  expect([...new Set(named)].filter((name) => !files.some(({ path }) => path === name))).toEqual([]);
});
