import { expect, test } from "vitest";
import { addToIndex } from "../../shared/exports/index-file.js";
import { exportObjectName } from "../../shared/exports/object-names.js";
import { exportsPublished, type PublishedRecord } from "../../shared/topology.js";
import { generationTimes, indexPlans, windowsBetween, windowsKept } from "./plan-export.js";

function aWindow(
  startSeconds: number,
  endSeconds: number,
  files = 1,
  named = { startSeconds, endSeconds },
): PublishedRecord {
  const { codec } = exportsPublished;
  const names = Array.from({ length: files }, (_, index) =>
    exportObjectName({ filenameRoot: "us", ...named, fileNumber: index + 1 }),
  );
  const record = {
    startSeconds,
    endSeconds,
    indexObjectName: "us/index.txt",
    files: names.map((objectName) => ({ objectName })),
  };
  return codec.decode(codec.encode(record).finish());
}

const windows = [aWindow(1000, 1100), aWindow(1100, 1200, 3), aWindow(1200, 1300, 2)];
const lines = windows.flatMap(({ files }) => files.map(({ objectName }) => objectName ?? ""));

test("windows are taken by their end", () => {
  expect(windowsBetween(windows, 1100, 1300)).toEqual(windows.slice(1));
  expect(windowsBetween(windows, 1099, 1199)).toEqual(windows.slice(0, 1));
});

test("windows whose files the clean-up has taken back are left out, unless a replay has given them a later name", () => {
  expect(windowsKept(windows, 1100)).toEqual(windows);
  expect(windowsKept(windows, 1101)).toEqual(windows.slice(1));
  const renamed = aWindow(1000, 1100, 1, { startSeconds: 1200, endSeconds: 1300 });
  expect(windowsKept([renamed], 1300)).toEqual([renamed]);
  expect(windowsKept([renamed], 1301)).toEqual([]);
});

test("an index holds the lines of all windows that are young enough", () => {
  expect(indexPlans({ windows, replaced: [] }, 1100)).toMatchObject([
    { name: "us/index.txt", lines: lines.slice(1) },
  ]);
  expect(indexPlans({ windows, replaced: [] }, 0)[0]?.lines).toEqual(lines);
});

test("names of a new generation sort behind every line and before the next window, with times of their own", () => {
  const timesFor = generationTimes(windows, { listed: lines, present: [] });
  const made = [timesFor(2), timesFor(1), timesFor(1)].map((window, index) =>
    exportObjectName({ filenameRoot: "us", ...window, fileNumber: index === 0 ? 2 : 1 }),
  );
  const next = exportObjectName({ filenameRoot: "us", startSeconds: 1300, endSeconds: 1400, fileNumber: 1 });
  expect(addToIndex(lines, [...made, next], 0)).toEqual([...lines, ...made, next]);
  // One file has its window's end, and each of several a later one.
  const used = [1100, 1201, 1202, 1203, 1301, 1302];
  const again = generationTimes(windows, { listed: lines, present: [] });
  const [first, second] = [again(2), again(1)];
  expect(used).not.toContain(first.endSeconds + 1);
  expect(first.endSeconds).toBeGreaterThan(1302);
  expect(second.endSeconds).toBeGreaterThan(first.endSeconds + 2);
});

test("a new generation stands behind a line of which nobody has been told yet", () => {
  const next = exportObjectName({ filenameRoot: "us", startSeconds: 1300, endSeconds: 1400, fileNumber: 1 });
  const generation = generationTimes(windows, { listed: [...lines, next], present: [] })(1);
  const made = exportObjectName({ filenameRoot: "us", ...generation, fileNumber: 1 });
  expect(addToIndex([...lines, next], [made], 0).at(-1)).toBe(made);
  expect(generation.endSeconds).toBeGreaterThan(1401);
});

test("a new generation has no name under which a replay that died has put a file, and the next window's may be there", () => {
  const [first] = [generationTimes(windows, { listed: lines, present: [] })(2)];
  const left = exportObjectName({ filenameRoot: "us", ...first, fileNumber: 2 });
  const next = exportObjectName({ filenameRoot: "us", startSeconds: 1300, endSeconds: 1400, fileNumber: 1 });
  const again = generationTimes(windows, { listed: lines, present: ["us/index.txt", left, next] })(1);
  expect(again.startSeconds).toBe(first.startSeconds);
  expect(again.endSeconds).toBe(first.endSeconds + 3);
});
