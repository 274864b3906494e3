import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportObjectName, indexObjectName, parseExportObjectName } from "./object-names.js";
import { EXPORT_VECTORS, exportVector } from "./vectors.test-support.js";

test.each(EXPORT_VECTORS)("%s has the reference server's names", (name) => {
  const { filenameRoot, content, objectName, indexObjectName: indexName } = exportVector(name);
  expect(exportObjectName({ filenameRoot, ...content, fileNumber: 1 })).toBe(objectName);
  expect(indexObjectName(filenameRoot)).toBe(indexName);
});

test("a name is read back as it was written", () => {
  const name = fc.record({
    filenameRoot: fc.string(),
    startSeconds: fc.nat(),
    endSeconds: fc.nat(),
    fileNumber: fc.integer({ min: 1, max: 99_999 }),
  });
  fc.assert(
    fc.property(name, (parts) => {
      expect(parseExportObjectName(exportObjectName(parts))).toEqual(parts);
    }),
  );
});

test("no text makes the parser fail", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseExportObjectName(text)).toBeUndefined();
    }),
  );
});

describe("a text that is no object name is not read", () => {
  const texts = [
    "",
    "index.txt",
    "r/index.txt",
    "1-2-00001.zip",
    "r/1-2-0001.zip",
    "r/1-2-00001.zip\n",
    "r/-1-2-00001.zip",
  ];
  test.each(texts)("%j", (text) => {
    expect(parseExportObjectName(text)).toBeUndefined();
  });
});

test.each([0, 100_000])("file number %i is refused", (fileNumber) => {
  const name = { filenameRoot: "r", startSeconds: 1, endSeconds: 2, fileNumber };
  expect(() => exportObjectName(name)).toThrow(RangeError);
});
