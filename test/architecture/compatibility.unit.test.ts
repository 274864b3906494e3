import { expect, test } from "vitest";
import { textFiles } from "./checkout.js";

// docs/compatibility.md is a promise: each feature of the publish API and of exports has its proof there, and the proof exists.

const files = textFiles();
const text = files.find(({ path }) => path === "docs/compatibility.md")?.text ?? "";
const rows = [...text.matchAll(/^\| ([0-9]+) +\|([^|]*)\|([^|]*)\|$/gm)];

test("the table has each of the features 1 to 100 once, in their order", () => {
  expect(rows.map(([, number]) => Number(number))).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
});

test("each feature has its proof, or the reason why not", () => {
  expect(rows.filter(([, , , proof = ""]) => proof.trim().length < 7)).toEqual([]);
});

test("the tests that it names are there", () => {
  const named = [...text.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(50);
  const missing = named.filter(
    (name) => !files.some(({ path }) => path === name || path.endsWith(`/${name}`)),
  );
  expect([...new Set(missing)]).toEqual([]);
});
