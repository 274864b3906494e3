import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addToIndex, parseIndex, renderIndex } from "./index-file.js";
import { exportObjectName } from "./object-names.js";

const [first, second, third] = [name(1000), name(2000), name(3000)];

test("an index has one name a line and no newline at the end", () => {
  expect(renderIndex([first, second])).toBe(`${first}\n${second}`);
  expect(renderIndex([])).toBe("");
});

test("an index is read with any line ends, and empty lines say nothing", () => {
  expect(parseIndex("")).toEqual([]);
  expect(parseIndex(`${first}\r\n\n${second}\n`)).toEqual([first, second]);
});

test("an index is read back as it was written", () => {
  const line = fc.string({ minLength: 1 }).filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line), (names) => {
      expect(parseIndex(renderIndex(names))).toEqual(names);
    }),
  );
});

test("names are sorted by their bytes, each once", () => {
  expect(addToIndex([third, first], [second, first], 0)).toEqual([first, second, third]);
  const [beyond, within] = ["\u{1f9a0}/1-2-00001.zip", "\uffee/1-2-00001.zip"];
  expect(addToIndex([beyond], [within], 0)).toEqual([within, beyond]);
});

test("windows that started before the oldest start leave the index, new ones too", () => {
  expect(addToIndex([first, second], [third], 2000)).toEqual([second, third]);
  expect(addToIndex([second], [first], 2000)).toEqual([second]);
});

test("a line whose age can't be read is dropped", () => {
  expect(addToIndex(["r/notes.txt", first], [], 0)).toEqual([first]);
});

test("adding is idempotent and does not depend on the order of publishing", () => {
  const names = fc.array(fc.nat(10_000).map(name));
  fc.assert(
    fc.property(names, names, names, fc.nat(10_000), (index, a, b, oldest) => {
      const once = addToIndex(addToIndex(index, a, oldest), b, oldest);
      expect(addToIndex(once, a, oldest)).toEqual(once);
      expect(addToIndex(addToIndex(index, b, oldest), a, oldest)).toEqual(once);
    }),
  );
});

function name(startSeconds: number): string {
  return exportObjectName({
    filenameRoot: "r",
    startSeconds,
    endSeconds: startSeconds + 1000,
    fileNumber: 1,
  });
}
