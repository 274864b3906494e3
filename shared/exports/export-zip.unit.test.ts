import { createHash } from "node:crypto";
import JSZip from "jszip";
import { afterEach, describe, expect, test } from "vitest";
import { EXPORT_BUILDER_VERSION, zipExport } from "./export-zip.js";
import { EXPORT_VECTORS, exportVector, type ExportVectorName } from "./vectors.test-support.js";

const STORED = 0;
const DEFLATED = 8;
const timeZoneBefore = process.env["TZ"];

afterEach(() => {
  if (timeZoneBefore === undefined) delete process.env["TZ"];
  else process.env["TZ"] = timeZoneBefore;
});

test.each(EXPORT_VECTORS)("%s: the zip holds the two files and nothing else", async (name) => {
  const zip = await JSZip.loadAsync(await zipVector(name));
  expect(Object.keys(zip.files)).toEqual(["export.bin", "export.sig"]);
  expect(await zip.file("export.bin")?.async("nodebuffer")).toEqual(exportVector(name).exportBin);
  expect(await zip.file("export.sig")?.async("nodebuffer")).toEqual(exportVector(name).exportSig);
});

test.each(EXPORT_VECTORS)("%s: no entry has a data descriptor", async (name) => {
  const expectedSigMethod = exportVector(name).exportSig.length === 0 ? STORED : DEFLATED;
  expect(localEntries(await zipVector(name))).toEqual([
    { name: "export.bin", method: DEFLATED, flags: 0, sizeBytes: exportVector(name).exportBin.length },
    {
      name: "export.sig",
      method: expectedSigMethod,
      flags: 0,
      sizeBytes: exportVector(name).exportSig.length,
    },
  ]);
});

describe("the time zone makes no difference", () => {
  const zones = [
    ["UTC", 0],
    ["Asia/Kolkata", -330],
    ["America/St_Johns", 210],
    ["Pacific/Kiritimati", -840],
  ] as const;
  test.each(zones)("%s", async (timeZone, offsetMinutes) => {
    process.env["TZ"] = timeZone;
    expect(new Date("2026-01-15T00:00:00Z").getTimezoneOffset()).toBe(offsetMinutes);
    expect(await zipVector("01-primary-and-revised")).toEqual(await builtInUtc());
  });
});

test("a change of the zip's bytes needs another builder version", async () => {
  const sha256 = createHash("sha256")
    .update(await zipVector("01-primary-and-revised"))
    .digest("hex");
  expect({ version: EXPORT_BUILDER_VERSION, sha256 }).toEqual({
    version: "2+jszip-3.10.2",
    sha256: "082799a99c24093abc489a1c505e0efe1b56312a434962d495b75ee0819a31a3",
  });
});

function zipVector(name: ExportVectorName): Promise<Buffer> {
  const vector = exportVector(name);
  return zipExport(vector.exportBin, vector.exportSig);
}

function builtInUtc(): Promise<Buffer> {
  process.env["TZ"] = "UTC";
  return zipVector("01-primary-and-revised");
}

/** Reads the local headers one after the other, as a phone that streams the file does. */
function localEntries(zip: Buffer): object[] {
  const entries: object[] = [];
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
    const nameEnd = at + 30 + zip.readUInt16LE(at + 26);
    entries.push({
      name: zip.toString("utf8", at + 30, nameEnd),
      method: zip.readUInt16LE(at + 8),
      flags: zip.readUInt16LE(at + 6),
      sizeBytes: zip.readUInt32LE(at + 22),
    });
    at = nameEnd + zip.readUInt16LE(at + 28) + zip.readUInt32LE(at + 18);
  }
  return entries;
}
