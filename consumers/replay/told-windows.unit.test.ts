import { expect, test } from "vitest";
import { exportsPublished, type PublishedRecord } from "../../shared/topology.js";
import { toldWindows } from "./told-windows.js";

function aRecord(endSeconds: number, ...objectNames: readonly string[]): PublishedRecord {
  const { codec } = exportsPublished;
  const record = { endSeconds, files: objectNames.map((objectName) => ({ objectName })) };
  return codec.decode(codec.encode(record).finish());
}

const [first, second] = [aRecord(100, "us/1.zip"), aRecord(200, "us/2.zip", "us/3.zip")];

test("windows are told of by their last record, in their order", () => {
  const again = aRecord(100, "us/4.zip");
  expect(toldWindows([second, first, again]).windows).toEqual([again, second]);
});

test.each([
  ["nothing, where no window was told of twice", [first, second], []],
  ["nothing, where a window was told of again in the same words", [first, second, second], []],
  ["the files of a window that was made anew", [first, second, aRecord(100, "us/4.zip")], ["us/1.zip"]],
  ["of several files those that are named no more", [second, aRecord(200, "us/3.zip")], ["us/2.zip"]],
  [
    "every generation but the last",
    [first, aRecord(100, "us/4.zip"), aRecord(100, "us/5.zip")],
    ["us/1.zip", "us/4.zip"],
  ],
])("replaced is %s", (_, records, replaced) => {
  expect(toldWindows(records).replaced).toEqual(replaced);
});
