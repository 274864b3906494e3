import { expect, test } from "vitest";
import {
  aKey,
  anExport,
  defaultSigner,
  sortedKeys,
  windowStart,
} from "../../shared/export-check/an-export.js";
import { exportReader } from "./export-reader.js";
import type { ExportReader } from "./export-reader.js";

const periodSeconds = 14_400;

/** The name of the n-th window's file. */
function nameOf(window: number): string {
  const start = windowStart + window * periodSeconds;
  return `root/${start}-${start + periodSeconds}-00001.zip`;
}

/** The n-th window's export with three keys of its own. */
function exportOf(window: number): Uint8Array {
  const startSeconds = windowStart + window * periodSeconds;
  return anExport({ startSeconds, keys: sortedKeys(3, window * 1000), revisedKeys: [] });
}

/** A bucket that tests change, and a phone that reads from it. */
function aBucket(): {
  objects: Map<string, Uint8Array>;
  put: (window: number) => void;
  reader: ExportReader;
} {
  const objects = new Map<string, Uint8Array>();
  const fetchObject = async (name: string) => objects.get(name);
  const reader = exportReader({ fetchObject }, { root: "root", publicKeys: [defaultSigner.publicKey] });
  return { objects, put: (window) => void objects.set(nameOf(window), exportOf(window)), reader };
}

function index(...windows: readonly number[]): Uint8Array {
  return Buffer.from(windows.map(nameOf).join("\n"));
}

test("before the first export there is nothing to read", async () => {
  const { reader } = aBucket();
  expect(await reader.readNew()).toMatchObject({ files: [], problems: [] });
});

test("a phone goes on after the last line that it saw", async () => {
  const { objects, put, reader } = aBucket();
  [0, 1].forEach(put);
  objects.set("root/index.txt", index(0, 1));
  expect((await reader.readNew()).keys.size).toBe(6);
  put(2);
  objects.set("root/index.txt", index(0, 1, 2));
  objects.delete(nameOf(0));
  const read = await reader.readNew();
  expect(read.files).toEqual([0, 1, 2].map(nameOf));
  expect([read.keys.size, read.problems]).toEqual([9, []]);
});

test("old lines may leave the index, even the last one seen", async () => {
  const { objects, put, reader } = aBucket();
  [0, 1, 2].forEach(put);
  objects.set("root/index.txt", index(0, 1));
  await reader.readNew();
  objects.set("root/index.txt", index(2));
  expect(await reader.readNew()).toMatchObject({ files: [0, 1, 2].map(nameOf), problems: [] });
});

test("a line that appears behind the last one seen is never downloaded", async () => {
  const { objects, put, reader } = aBucket();
  [0, 1, 2].forEach(put);
  objects.set("root/index.txt", index(0, 2));
  await reader.readNew();
  objects.set("root/index.txt", index(0, 1, 2));
  await reader.readNew();
  const { files, problems } = await reader.readNew();
  expect(files).toEqual([0, 2].map(nameOf));
  expect(problems).toEqual([{ reason: "line_behind", name: nameOf(1) }]);
});

test("a key in two files is seen twice", async () => {
  const { objects, reader } = aBucket();
  const keys = [aKey(1)];
  objects.set(nameOf(0), anExport({ keys, revisedKeys: keys }));
  objects.set(nameOf(1), anExport({ keys, revisedKeys: [], startSeconds: windowStart + periodSeconds }));
  objects.set("root/index.txt", index(0, 1));
  const read = await reader.readNew();
  expect([...read.keys.values()].map((found) => found.map(({ file }) => file))).toEqual([
    [nameOf(0), nameOf(1)],
  ]);
  expect([...read.revised.values()].map((found) => found.length)).toEqual([1]);
});

test.each([
  ["an unsorted index", "index_refused", { "root/index.txt": index(1, 0) }],
  ["a listed file that is not there", "file_missing", { "root/index.txt": index(0) }],
  ["a broken file", "file_refused", { "root/index.txt": index(0), [nameOf(0)]: Buffer.from("no zip") }],
  [
    "a file of another window",
    "window_unlike_name",
    { "root/index.txt": index(0), [nameOf(0)]: exportOf(1) },
  ],
  [
    "two files of one window",
    "window_repeated",
    { "root/index.txt": index(0, 1), [nameOf(0)]: exportOf(0), [nameOf(1)]: exportOf(0) },
  ],
])("%s is a problem", async (_, reason, objects) => {
  const fetchObject = async (name: string) => new Map<string, Uint8Array>(Object.entries(objects)).get(name);
  const reader = exportReader({ fetchObject }, { root: "root", publicKeys: [defaultSigner.publicKey] });
  expect((await reader.readNew()).problems.map((problem) => problem.reason)).toContain(reason);
});

test("an index that vanishes is a problem", async () => {
  const { objects, put, reader } = aBucket();
  put(0);
  objects.set("root/index.txt", index(0));
  await reader.readNew();
  objects.delete("root/index.txt");
  expect((await reader.readNew()).problems).toEqual([{ reason: "index_missing", name: "root/index.txt" }]);
});

test("a download that fails is taken up again at the same file", async () => {
  const { objects, put } = aBucket();
  [0, 1].forEach(put);
  objects.set("root/index.txt", index(0, 1));
  let failing = true;
  const fetchObject = async (name: string) => {
    if (failing && name === nameOf(1)) throw new Error("out of order");
    return objects.get(name);
  };
  const reader = exportReader({ fetchObject }, { root: "root", publicKeys: [defaultSigner.publicKey] });
  await expect(reader.readNew()).rejects.toThrow("out of order");
  failing = false;
  expect(await reader.readNew()).toMatchObject({ files: [nameOf(0), nameOf(1)], problems: [] });
});
