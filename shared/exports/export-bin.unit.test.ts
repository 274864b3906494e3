import * as fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import type { ExportKey } from "./export-key.js";
import {
  EXPORT_VECTORS,
  aKey,
  aSignatureInfo,
  arbitraryKey,
  exportBinOf,
  exportVector,
  type ExportBinContent,
} from "./vectors.test-support.js";

/** The phones' own schema, so that the bytes are read by somebody else than their writer. */
const EXPORT = protobuf
  .parse(
    `syntax = "proto2";
    message Export {
      optional fixed64 start = 1;
      optional fixed64 end = 2;
      optional string region = 3;
      optional int32 batchNum = 4;
      optional int32 batchSize = 5;
      repeated Info infos = 6;
      repeated Key keys = 7;
      repeated Key revisedKeys = 8;
    }
    message Info { optional string version = 3; optional string id = 4; optional string algorithm = 5; }
    message Key {
      optional bytes tek = 1;
      optional int32 risk = 2;
      optional int32 start = 3;
      optional int32 period = 4;
      optional int32 type = 5;
      optional sint32 onset = 6;
    }`,
  )
  .root.lookupType("Export");

const TYPE_NUMBERS = { confirmed: 1, likely: 2, "user-report": 3, negative: 5 } as const;

test.each(EXPORT_VECTORS)("%s is written byte for byte like the reference server's file", (name) => {
  const vector = exportVector(name);
  expect(exportBinOf(vector.content).toString("hex")).toBe(vector.exportBin.toString("hex"));
});

test("the file has a header of 16 bytes", () => {
  expect(exportBinOf(content({})).subarray(0, 16).toString()).toBe("EK Export v1    ");
});

test("the order of the keys given makes no difference, not even among equal TEKs", () => {
  const someKeys = fc.array(
    fc.oneof(arbitraryKey(), fc.constant(aKey(1)), fc.constant(aKey(1, { rollingPeriod: 3 }))),
  );
  fc.assert(
    fc.property(someKeys.chain(withShuffled), ([keys, shuffled]) => {
      const expected = exportBinOf(content({ keys, revisedKeys: keys }));
      expect(exportBinOf(content({ keys: shuffled, revisedKeys: shuffled }))).toEqual(expected);
    }),
  );
});

test("another reader of the format reads back what was written", () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryKey()),
      fc.array(arbitraryKey()),
      fc.string(),
      (keys, revisedKeys, region) => {
        const read = decode(exportBinOf(content({ keys, revisedKeys, region: region })));
        expect(read["region"]).toBe(region);
        expect(read["keys"] ?? []).toEqual(sorted(keys).map(onTheWire));
        expect(read["revisedKeys"] ?? []).toEqual(sorted(revisedKeys).map(onTheWire));
      },
    ),
  );
});

test("the numbers at the edges of an int32 are written whole", () => {
  const edges = { transmissionRisk: -1, rollingStartIntervalNumber: 2 ** 31 - 1, rollingPeriod: -(2 ** 31) };
  const read = decode(exportBinOf(content({ keys: [aKey(1, { ...edges, daysSinceOnset: -(2 ** 31) })] })));
  expect(read["keys"]).toMatchObject([
    { risk: -1, start: 2 ** 31 - 1, period: -(2 ** 31), onset: -(2 ** 31) },
  ]);
});

test("an empty id and an empty version of a signature info are left out", () => {
  const read = decode(exportBinOf(content({ signatureInfos: [aSignatureInfo("", "")] })));
  expect(read["infos"]).toEqual([{ algorithm: "1.2.840.10045.4.3.2" }]);
});

describe("a TEK that has not 16 bytes is refused", () => {
  test.each([0, 15, 17])("%i bytes", (bytes) => {
    expect(() => exportBinOf(content({ keys: [aKey(1, { tek: Buffer.alloc(bytes) })] }))).toThrow(RangeError);
  });
});

function content(overrides: Partial<ExportBinContent>): ExportBinContent {
  const window = { startSeconds: 1_589_990_400, endSeconds: 1_590_004_800 };
  return { ...window, region: "US", signatureInfos: [], keys: [], revisedKeys: [], ...overrides };
}

function decode(exportBin: Buffer): Record<string, unknown> {
  return EXPORT.toObject(EXPORT.decode(exportBin.subarray(16)));
}

function sorted(keys: readonly ExportKey[]): ExportKey[] {
  return [...keys].sort((a, b) => Buffer.compare(a.tek, b.tek));
}

function onTheWire(key: ExportKey): object {
  return {
    tek: key.tek,
    risk: key.transmissionRisk,
    ...(key.rollingStartIntervalNumber === 0 ? {} : { start: key.rollingStartIntervalNumber }),
    ...(key.rollingPeriod === 144 ? {} : { period: key.rollingPeriod }),
    ...(key.reportType === "" ? {} : { type: TYPE_NUMBERS[key.reportType] }),
    ...(key.daysSinceOnset === undefined ? {} : { onset: key.daysSinceOnset }),
  };
}

function withShuffled(keys: ExportKey[]): fc.Arbitrary<[ExportKey[], ExportKey[]]> {
  return fc.tuple(
    fc.constant(keys),
    fc.shuffledSubarray(keys, { minLength: keys.length, maxLength: keys.length }),
  );
}
