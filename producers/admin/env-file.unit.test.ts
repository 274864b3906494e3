import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseEnvFile, withEnvFile } from "./env-file.js";
import { WrongUsage } from "./failures.js";

test.each([
  ["A=1", { A: "1" }],
  ["A=1\r\nB=2\n", { A: "1", B: "2" }],
  ["# a comment\n\n  A = 1  ", { A: "1" }],
  ["export A=1", { A: "1" }],
  [`A="1 2"\nB='x'`, { A: "1 2", B: "x" }],
  ["A=b=c==", { A: "b=c==" }],
  ["A=", { A: "" }],
  ["A=1\nA=2", { A: "2" }],
  [`A="x'`, { A: `"x'` }],
])("%j is understood", (text, value) => {
  expect(parseEnvFile(text)).toEqual({ ok: true, value });
});

test("a line that is no setting is named by its number, and its text is not shown", () => {
  expect(parseEnvFile("A=1\nsecret")).toEqual({ ok: false, error: "line 2 is not KEY=VALUE" });
});

test("any text gives settings or a sentence", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const parsed = parseEnvFile(text);
      if (!parsed.ok) expect(parsed.error).toMatch(/^line \d+ is not KEY=VALUE$/);
    }),
  );
});

test("every value without quotes or white space at its ends is read as it was written", () => {
  const value = fc.string().map((text) => text.replaceAll(/["'\r\n]/g, "").trim());
  const key = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/);
  fc.assert(
    fc.property(fc.dictionary(key, value), (settings) => {
      const text = Object.entries(settings).map(([name, one]) => `${name}=${one}`);
      expect(parseEnvFile(text.join("\n"))).toEqual({ ok: true, value: { ...settings } });
    }),
  );
});

test("the file adds to the environment and replaces nothing", () => {
  const path = join(mkdtempSync(join(tmpdir(), "tekstream-env-")), "deployment.env");
  writeFileSync(path, "A=file\nB=file\nC=file");
  expect(withEnvFile({ A: "shell", C: undefined }, path)).toEqual({ A: "shell", B: "file", C: "file" });
});

test("a file that is not there is a wrong usage", () => {
  expect(() => withEnvFile({}, "/nowhere/deployment.env")).toThrow(WrongUsage);
});
