import { createHash, createSecretKey, verify } from "node:crypto";
import * as fc from "fast-check";
import JSZip from "jszip";
import { describe, expect, test } from "vitest";
import { buildExport, type BuildExportInput, type BuiltExportFile } from "./build-export.js";
import { localSigner } from "./local-signer.js";
import type { Signer } from "./signer.js";
import type { ExportKey } from "./export-key.js";
import {
  EXPORT_VECTORS,
  aKey,
  arbitraryKey,
  exportVector,
  packed,
  readVector,
} from "./vectors.test-support.js";

const paddingSecret = createSecretKey(Buffer.alloc(32, 1));
const WINDOW = { startSeconds: 1_589_990_400, endSeconds: 1_590_004_800 };

describe.each(EXPORT_VECTORS)("%s", (name) => {
  const vector = exportVector(name);
  const input: BuildExportInput = {
    config: {
      id: "us",
      filenameRoot: vector.filenameRoot,
      outputRegion: vector.content.region,
      maxRecords: 500_000,
      padding: { recordsMin: 0, recordsRange: 0 },
    },
    paddingSecret,
    window: { startSeconds: vector.content.startSeconds, endSeconds: vector.content.endSeconds },
    keys: packed(vector.content.keys),
    revisedKeys: packed(vector.content.revisedKeys),
    signers: vectorSigners(vector.signerKeyFiles, vector.content.signatureInfos),
  };

  test("the window becomes the reference server's file", async () => {
    const [file, ...others] = await build(input);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ objectName: vector.objectName, exportBinSha256: vector.exportBinSha256 });
    expect(await exportBinOf(file)).toEqual(vector.exportBin);
  });

  test("every signature is verified by its public key", async () => {
    const [file] = await build(input);
    expect(file?.signatures.map(({ info }) => info)).toEqual(vector.content.signatureInfos);
    for (const [i, { signature }] of (file?.signatures ?? []).entries()) {
      const publicKeyPem = readVector(`keys/${vector.signerKeyFiles[i]}.public.pem`).toString();
      expect(verify("sha256", vector.exportBin, publicKeyPem, signature)).toBe(true);
    }
  });

  test("building again gives the same bytes", async () => {
    const [first, again] = [
      await build(input),
      await build({ ...input, keys: packed(vector.content.keys.toReversed()) }),
    ];
    expect(await allOf(again)).toEqual(await allOf(first));
  });
});

test("a window without keys has no file", async () => {
  expect(await build(anInput({}))).toEqual([]);
});

test("the hash of the zip is that of its bytes", async () => {
  const [file] = await build(anInput({ keys: packed([aKey(1)]) }));
  const { zip = "", zipSha256 } = (await file?.pack()) ?? {};
  expect(zipSha256).toBe(createHash("sha256").update(zip).digest("hex"));
});

describe("files are filled with keys first, then with revised keys", () => {
  const cases = [
    { keys: 2, revisedKeys: 0, files: [[2, 0, 0]] },
    { keys: 1, revisedKeys: 1, files: [[1, 1, 0]] },
    {
      keys: 3,
      revisedKeys: 2,
      files: [
        [2, 0, 1],
        [1, 1, 2],
        [0, 1, 3],
      ],
    },
    {
      keys: 2,
      revisedKeys: 1,
      files: [
        [2, 0, 1],
        [0, 1, 2],
      ],
    },
    {
      keys: 0,
      revisedKeys: 3,
      files: [
        [0, 2, 1],
        [0, 1, 2],
      ],
    },
  ];
  test.each(cases)("$keys and $revisedKeys, two to a file", async ({ keys, revisedKeys, files }) => {
    const built = await build(
      anInput({ keys: packed(manyKeys(keys)), revisedKeys: packed(manyKeys(revisedKeys)) }),
    );
    const shapes = await Promise.all(
      built.map(async (file) => [
        file.keyCount,
        file.revisedKeyCount,
        (await endTimestampOf(file)) - WINDOW.endSeconds,
      ]),
    );
    expect(shapes).toEqual(files);
    expect(built.map((file) => file.objectName)).toEqual(
      files.map((_file, i) => `root/1589990400-1590004800-0000${i + 1}.zip`),
    );
  });
});

test("every key is in exactly one file, sorted across the files", async () => {
  const keys = fc.uniqueArray(arbitraryKey(), { maxLength: 12, selector: ({ tek }) => hex(tek) });
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 1, max: 5 }), async (someKeys, maxRecords) => {
      const built = await build(anInput({ keys: packed(someKeys) }, maxRecords));
      const bins = await Promise.all(built.map(exportBinOf));
      const found = bins.flatMap((bin) => teksIn(bin, someKeys));
      const expected = someKeys.map((key) => hex(key.tek));
      expect(found).toEqual(expected.sort());
    }),
    { numRuns: 30 },
  );
});

test("clones lie among the keys of all files, so that the last one does not tell them", async () => {
  // Real keys begin with zeros and so sort first: the clones of a file of its own would begin with anything.
  const [keys, maxRecords] = [manyKeys(150), 100];
  const plain = anInput({ keys: packed(keys) }, maxRecords);
  const config = { ...plain.config, padding: { recordsMin: 200, recordsRange: 0 } };
  const built = await build({ ...plain, config });
  expect(built.map(({ keyCount }) => keyCount)).toEqual([100, 100]);
  const [first, second] = await Promise.all(built.map(exportBinOf));
  const realIn = (bin: Buffer | undefined): number => teksIn(bin ?? Buffer.alloc(0), keys).length;
  expect([realIn(first), realIn(second)]).toEqual([100, 50]);
  const spread = manyKeys(150).map((key, i) => ({ ...key, tek: Buffer.alloc(16, i + 50) }));
  const [mixed] = await build({ ...plain, keys: packed(spread), config });
  expect(teksIn(await exportBinOf(mixed), spread).length).toBeLessThan(100);
});

test("files are built one at a time, as they are asked for", async () => {
  let signed = 0;
  const signer: Signer = {
    info: { verificationKeyId: "310", verificationKeyVersion: "v1", algorithm: "1.2.840.10045.4.3.2" },
    sign: async () => Buffer.of(++signed),
  };
  const files = buildExport(anInput({ keys: packed(manyKeys(6)), signers: [signer] }));
  await files.next();
  expect(signed).toBe(1);
});

test("more signers than phones read are refused", async () => {
  const signers = Array.from({ length: 11 }, () => vectorSigner("export-signer-1", "310", "v1"));
  await expect(build(anInput({ keys: packed([aKey(1)]), signers }))).rejects.toThrow(RangeError);
});

test.each([0, -1, Number.NaN])("files of at most %d keys are refused", async (maxRecords) => {
  await expect(build(anInput({ keys: packed([aKey(1)]) }, maxRecords))).rejects.toThrow(RangeError);
});

async function build(input: BuildExportInput): Promise<BuiltExportFile[]> {
  const files: BuiltExportFile[] = [];
  for await (const file of buildExport(input)) files.push(file);
  return files;
}

/** What the files say of themselves, and their zips. */
function allOf(files: readonly BuiltExportFile[]): Promise<object[]> {
  return Promise.all(files.map(async ({ pack, ...said }) => ({ ...said, ...(await pack()) })));
}

function anInput(overrides: Partial<BuildExportInput>, maxRecords = 2): BuildExportInput {
  const padding = { recordsMin: 0, recordsRange: 0 };
  const config = { id: "us", filenameRoot: "root", outputRegion: "US", maxRecords, padding };
  return {
    config,
    paddingSecret,
    window: WINDOW,
    keys: packed([]),
    revisedKeys: packed([]),
    signers: [],
    ...overrides,
  };
}

function manyKeys(count: number): ExportKey[] {
  return Array.from({ length: count }, (_, i) => aKey(count - i));
}

function vectorSigners(
  keyFiles: readonly string[],
  infos: readonly { verificationKeyId: string; verificationKeyVersion: string }[],
): Signer[] {
  return infos.map((info, i) =>
    vectorSigner(keyFiles[i] ?? "", info.verificationKeyId, info.verificationKeyVersion),
  );
}

function vectorSigner(keyFile: string, verificationKeyId: string, verificationKeyVersion: string): Signer {
  const privateKeyPem = readVector(`keys/${keyFile}.private.pem`).toString();
  return localSigner(privateKeyPem, { verificationKeyId, verificationKeyVersion });
}

async function exportBinOf(file: BuiltExportFile | undefined): Promise<Buffer> {
  const { zip } = (await file?.pack()) ?? {};
  const read = await JSZip.loadAsync(zip ?? Buffer.alloc(0));
  return (await read.file("export.bin")?.async("nodebuffer")) ?? Buffer.alloc(0);
}

/** After the header of 16 bytes: start (tag and 8 bytes), then the tag of the end. */
async function endTimestampOf(file: BuiltExportFile): Promise<number> {
  return Number((await exportBinOf(file)).readBigUInt64LE(16 + 9 + 1));
}

function teksIn(exportBin: Buffer, keys: readonly ExportKey[]): string[] {
  const found = keys.map((key) => ({ tek: hex(key.tek), at: exportBin.indexOf(key.tek) }));
  return found
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at)
    .map(({ tek }) => tek);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
