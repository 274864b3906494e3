import { createSecretKey, randomBytes } from "node:crypto";
import JSZip from "jszip";
import { describe, expect, inject, test } from "vitest";
import { buildExport, type BuiltExportFile } from "../exports/build-export.js";
import { aKey, packed } from "../exports/vectors.test-support.js";
import { openObjectStore } from "../objects/open-object-store.js";
import type { Batch } from "../view/batches.js";
import { DifferentFile, storeFile } from "./store-file.js";
import { writeManifest } from "./write-manifest.js";

const store = openObjectStore(inject("endpoints").objectStore.url, `t-${randomBytes(5).toString("hex")}`);
const padding = { recordsMin: 0, recordsRange: 0 };
const headers = { contentType: "application/zip", cacheControl: "public" };

async function aFile(startSeconds: number, keyNumber = 1): Promise<BuiltExportFile> {
  const files = buildExport({
    config: { id: "us", filenameRoot: "us", outputRegion: "US", maxRecords: 10, padding },
    paddingSecret: createSecretKey(Buffer.alloc(32, 1)),
    window: { startSeconds, endSeconds: startSeconds + 10 },
    keys: packed([aKey(keyNumber)]),
    revisedKeys: packed([]),
    signers: [],
  });
  const { value } = await files.next();
  if (value === undefined) throw new Error("there is no file");
  return value;
}

/** The same content, as a builder with another compressor packs it. */
async function packedOtherwise(zip: Uint8Array): Promise<Buffer> {
  const content = await JSZip.loadAsync(zip);
  return content.generateAsync({ type: "nodebuffer", compression: "STORE" });
}

test("a file that is there already with the same export.bin stays, and is told of as it lies there", async () => {
  const file = await aFile(100);
  const { zip, zipSha256 } = await file.pack();
  const present = await packedOtherwise(zip);
  await store.putIfAbsent(file.objectName, present, headers);
  const stored = await storeFile(store, file);
  expect((await store.get(file.objectName))?.bytes).toEqual(present);
  expect(stored.exportBinSha256).toBe(file.exportBinSha256);
  expect(stored.zipSha256).not.toBe(zipSha256);
});

test("another file under the name is an alarm and stays", async () => {
  const [file, other] = [await aFile(200), await aFile(200, 2)];
  await storeFile(store, file);
  await expect(storeFile(store, other)).rejects.toThrow(DifferentFile);
  expect((await store.get(file.objectName))?.bytes).toEqual((await file.pack()).zip);
});

describe("a manifest that is there already", () => {
  const batch: Batch = {
    configurationId: "us",
    startSeconds: 300,
    endSeconds: 310,
    settingsVersion: 1,
    filenameRoot: "us",
    state: "built",
    ranges: [],
    files: [],
    builderVersion: "1",
  };
  const name = "us/300-310.json";

  test("stays when it tells of the same files, whatever built them", async () => {
    await writeManifest(store, batch);
    const first = await store.get(name);
    await writeManifest(store, { ...batch, builderVersion: "2" });
    expect(await store.get(name)).toEqual(first);
    expect(JSON.parse(first?.bytes.toString("utf8") ?? "")).toMatchObject({
      endSeconds: 310,
      builderVersion: "1",
    });
  });

  test("is an alarm when it tells of others: the window was built from something else", async () => {
    const files = [await storeFile(store, await aFile(300))];
    await expect(writeManifest(store, { ...batch, files })).rejects.toThrow(DifferentFile);
  });

  test("is an alarm when it is none", async () => {
    await store.putIfAbsent("us/400-410.json", Buffer.from("{}"), headers);
    const later = { ...batch, startSeconds: 400, endSeconds: 410 };
    await expect(writeManifest(store, later)).rejects.toThrow(DifferentFile);
  });
});
