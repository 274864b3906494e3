import { expect, test } from "vitest";
import type { ExportReport } from "./export.js";
import { exportReportText, isAsTold, isMended } from "./export-report-text.js";
import type { RebuiltWindow } from "./rebuild-window.js";

const aWindow: RebuiltWindow = { startSeconds: 10, endSeconds: 20, keys: 3, files: [] };
const report = (...windows: readonly RebuiltWindow[]): ExportReport => ({
  windows,
  seconds: 1,
  indexes: new Map(),
});
const broken: RebuiltWindow = {
  ...aWindow,
  files: [
    { objectName: "us/10-20-00001.zip", state: "different", difference: { kind: "not-an-export" } as never },
  ],
};
const generation = [
  {
    objectName: "us/10-21-00001.zip",
    exportBinSha256: "",
    zipSha256: "",
    keys: 3,
    revisedKeys: 0,
    signatures: [],
  },
];

test.each<[string, ExportReport, boolean, boolean]>([
  ["windows that are as they were told of", report(aWindow), true, true],
  [
    "a file that came back",
    report({ ...aWindow, files: [{ objectName: "a", state: "restored" }] }),
    false,
    true,
  ],
  ["a window that was made anew", report(aWindow, { ...broken, generation }), false, true],
  ["a window that was not", report({ ...broken, generation }, broken), false, false],
  ["a window that the log no longer holds", report({ ...aWindow, problem: "it is gone" }), false, false],
])("%s", (_what, found, asTold, mended) => {
  expect([isAsTold(found), isMended(found)]).toEqual([asTold, mended]);
});

test("the report names what was made anew", () => {
  expect(exportReportText(report({ ...broken, generation }))).toContain(
    "window 10-20: made anew as us/10-21-00001.zip",
  );
});
