import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkIndex } from "./check-index.js";

const first = "a/b/1589990400-1590004800-00001.zip";
const second = "a/b/1589990400-1590004800-00002.zip";
const third = "a/b/1590004800-1590019200-00001.zip";

test("a sorted index is accepted and its names are taken apart", () => {
  const check = checkIndex([first, second, third].join("\n"));
  expect(check).toMatchObject({ ok: true, lines: [{ objectName: first }, { objectName: second }, {}] });
  expect(check.ok && check.lines[1]).toEqual({
    objectName: second,
    root: "a/b",
    startSeconds: 1_589_990_400,
    endSeconds: 1_590_004_800,
    fileNumber: 2,
  });
});

test("an empty index lists nothing", () => {
  expect(checkIndex("")).toEqual({ ok: true, lines: [] });
});

test.each([
  ["a trailing newline", `${first}\n`, "index_trailing_newline"],
  ["only a newline", "\n", "index_trailing_newline"],
  ["an empty line", `${first}\n\n${second}`, "index_line_malformed"],
  ["carriage returns", `${first}\r\n${second}`, "index_line_malformed"],
  ["an error page", "<html><body>404</body></html>", "index_line_malformed"],
  ["no root", "1589990400-1590004800-00001.zip", "index_line_malformed"],
  ["a root that climbs", "a/../1589990400-1590004800-00001.zip", "index_line_malformed"],
  ["an absolute name", `/${first}`, "index_line_malformed"],
  ["file number 0", "a/1589990400-1590004800-00000.zip", "index_line_malformed"],
  ["a window that ends before it starts", "a/1590004800-1589990400-00001.zip", "index_line_malformed"],
  ["another suffix", "a/1589990400-1590004800-00001.gz", "index_line_malformed"],
  ["swapped lines", `${third}\n${first}`, "index_unsorted"],
  ["a line twice", `${first}\n${first}`, "index_line_repeated"],
  ["two roots", `${first}\nc/1590004800-1590019200-00001.zip`, "index_roots_differ"],
  ["more than 1 MiB", `${"a".repeat(1024 * 1024)}/1589990400-1590004800-00001.zip`, "index_too_large"],
])("an index with %s is refused", (_, text, reason) => {
  const check = checkIndex(text);
  expect(check.ok ? [] : check.findings.map((finding) => finding.reason)).toContain(reason);
});

test("any text is either refused or sorted, unique lines that join to the same text", () => {
  const line = fc.oneof(fc.constantFrom(first, second, third), fc.string());
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join("\n");
      const check = checkIndex(text);
      if (check.ok) expect(check.lines.map((found) => found.objectName).join("\n")).toBe(text);
      else expect(check.findings.length).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});
