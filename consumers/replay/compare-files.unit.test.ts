import { expect, test } from "vitest";
import { buildExport, type BuiltExportFile } from "../../shared/exports/build-export.js";
import { PackedKeys } from "../../shared/exports/packed-keys.js";
import { aKey } from "../../shared/exports/vectors.test-support.js";
import { createHash, createSecretKey } from "node:crypto";
import type { ExportKey } from "../../shared/exports/export-key.js";
import { exportsPublished, type PublishedRecord } from "../../shared/topology.js";
import { compareFiles, differingRanges, isWhatWasTold } from "./compare-files.js";

const window = { startSeconds: 1_700_000_000, endSeconds: 1_700_003_600 };

async function zipOf(keys: readonly ExportKey[], endSeconds = window.endSeconds): Promise<Buffer> {
  return (await (await fileOf(keys, endSeconds)).pack()).zip;
}

/** As the reader of the log gives it. */
function recordOf(zipSha256: Buffer): PublishedRecord["files"][number] | undefined {
  const { codec } = exportsPublished;
  return codec.decode(codec.encode({ files: [{ zipSha256 }] }).finish()).files[0];
}

async function fileOf(keys: readonly ExportKey[], endSeconds = window.endSeconds): Promise<BuiltExportFile> {
  const packed = new PackedKeys();
  for (const key of keys) packed.add(key);
  const padding = { recordsMin: 0, recordsRange: 0 };
  const config = { id: "us", filenameRoot: "us", outputRegion: "US", maxRecords: 1000, padding };
  const rest = {
    revisedKeys: new PackedKeys(),
    paddingSecret: createSecretKey(Buffer.alloc(32)),
    signers: [],
  };
  for await (const file of buildExport({
    config,
    window: { ...window, endSeconds },
    keys: packed,
    ...rest,
  }))
    return file;
  throw new Error("no file");
}

test("a file is what was told of when its hash, its export.bin and its export.sig are", async () => {
  const file = await fileOf([aKey(1)]);
  const { zip } = await file.pack();
  const told = (bytes: Buffer): PublishedRecord["files"][number] | undefined =>
    recordOf(createHash("sha256").update(bytes).digest());
  expect(isWhatWasTold(zip, file, told(zip))).toBe(true);
  const other = await fileOf([aKey(2)]);
  expect(isWhatWasTold(zip, other, told(zip))).toBe(false);
  expect(isWhatWasTold(zip, { ...file, exportSig: Buffer.from([0x0a, 0]) }, told(zip))).toBe(false);
  expect(isWhatWasTold(zip, file, undefined)).toBe(false);
  const broken = zip.subarray(1);
  expect(isWhatWasTold(broken, file, told(zip))).toBe(false);
  expect(isWhatWasTold(broken, file, told(broken))).toBe(false);
});

test("equal files have no difference", async () => {
  expect(compareFiles(await zipOf([aKey(1)]), await zipOf([aKey(1)]))).toBeUndefined();
});

test("keys that are missing, extra and changed are counted, and told by a hash only", async () => {
  const published = await zipOf([aKey(1), aKey(2), { ...aKey(3), transmissionRisk: 7 }, aKey(5)]);
  const rebuilt = await zipOf([aKey(1), { ...aKey(3), transmissionRisk: 1 }, aKey(4), aKey(6)]);
  const difference = compareFiles(published, rebuilt);
  expect(difference).toMatchObject({ kind: "content", keys: { missing: 2, extra: 2, changed: 1 } });
  expect(difference).toMatchObject({ revisedKeys: { missing: 0, extra: 0, changed: 0, samples: [] } });
  const text = JSON.stringify(difference);
  for (const number of [2, 3, 4]) {
    expect(text).not.toContain(Buffer.from(aKey(number).tek).toString("hex"));
    expect(text).not.toContain(Buffer.from(aKey(number).tek).toString("base64"));
  }
});

test("other times with the same keys are a difference of content without one of keys", async () => {
  const difference = compareFiles(await zipOf([aKey(1)]), await zipOf([aKey(1)], window.endSeconds + 1));
  expect(difference).toMatchObject({ kind: "content", keys: { missing: 0, extra: 0, changed: 0 } });
  // Behind the header of 16 bytes, the tag and start of 9, and the tag of the end.
  expect(difference).toMatchObject({ binBytes: [{ from: 26, to: 27 }] });
});

test("a damaged zip is unreadable, and its damaged bytes are told", async () => {
  const rebuilt = await zipOf([aKey(1)]);
  const published = Buffer.from(rebuilt);
  published[45] = (published[45] ?? 0) ^ 0xff;
  expect(compareFiles(published, rebuilt)).toMatchObject({
    kind: "unreadable",
    zipBytes: [{ from: 45, to: 46 }],
  });
});

test("ranges that lie close together are one, and no more than five are told", () => {
  const a = Buffer.alloc(1000);
  const b = Buffer.from(a);
  for (const at of [0, 3, 100, 200, 300, 400, 500, 600]) b[at] = 1;
  expect(differingRanges(a, b)).toEqual([
    { from: 0, to: 4 },
    { from: 100, to: 101 },
    { from: 200, to: 201 },
    { from: 300, to: 301 },
    { from: 400, to: 401 },
  ]);
  expect(differingRanges(Buffer.alloc(10), Buffer.alloc(12))).toEqual([{ from: 10, to: 12 }]);
});
