import * as fc from "fast-check";
import { expect, test } from "vitest";
import { endedEarly, scanJson } from "./json-syntax.js";

const json = fc.json({ maxDepth: 4 }).map((text) => text.replace(/[^\0-\x7f]/g, "?"));
const pieces = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "u00e9",
  "-",
  "0",
  "1",
  ".",
  "e",
  "+",
  "true",
  "nul",
  " ",
  "\n",
  "\0",
];
// JSON with pieces put in or taken out: close enough to right to go wrong anywhere.
const almostJson = fc
  .tuple(
    json,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.constantFrom("", ...pieces)), { maxLength: 3 }),
  )
  .map(([text, edits]) =>
    edits.reduce((sum, [place, cut, put]) => {
      const at = place % (sum.length + 1);
      return sum.slice(0, at) + put + sum.slice(at + cut);
    }, text),
  );

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("what the platform's parser takes is taken, up to its end", () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(scanJson(`${text} `)).toBe(text.trimEnd().length);
    }),
    { numRuns: 1000 },
  );
});

test("a value that is found is JSON; otherwise neither the text nor any longer start of it is", () => {
  fc.assert(
    fc.property(almostJson, (text) => {
      const end = scanJson(text);
      if (end >= 0) expect(isJson(text.slice(0, end))).toBe(true);
      else expect(isJson(text)).toBe(false);
    }),
    { numRuns: 3000 },
  );
});

test("a syntax error is where the text can no longer go on, not before and not after", () => {
  fc.assert(
    fc.property(almostJson, (text) => {
      const end = scanJson(text);
      if (end >= 0 || end === endedEarly) return;
      const before = scanJson(text.slice(0, -end - 1));
      expect(before >= 0 || before === endedEarly).toBe(true);
      expect(scanJson(text.slice(0, -end))).toBe(end);
    }),
    { numRuns: 3000 },
  );
});

test("any text is scanned to some end", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...pieces) }), (text) => {
      const end = scanJson(text);
      expect(end === endedEarly || (end >= 0 ? end <= text.length : -end <= text.length)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
