import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { SigningKeyRecord } from "../deployment/deployment.js";
import { buildExport, type BuiltExportFile } from "../exports/build-export.js";
import type { ExportKey } from "../exports/export-key.js";
import { localSigner } from "../exports/local-signer.js";
import { PackedKeys } from "../exports/packed-keys.js";
import { createSigningKey, type SigningKeyPair } from "../secrets/signing-key.js";
import { BadExport, checkedFiles } from "./checked-files.js";

const [pair, otherPair] = [aPair(), aPair()];
const window = { startSeconds: 1_589_990_400, endSeconds: 1_590_004_800 };
const sound: ExportKey = {
  tek: Buffer.alloc(16, 1),
  transmissionRisk: 2,
  rollingStartIntervalNumber: 2_649_600,
  rollingPeriod: 144,
  reportType: "confirmed",
};

test("a sound file is handed on", async () => {
  expect(await handedOn([sound], pair, [pair])).toEqual({ files: 1, refused: undefined });
});

test("a file without a signature is handed on where nobody signs", async () => {
  expect(await handedOn([sound], undefined, [])).toEqual({ files: 1, refused: undefined });
});

describe("a file that phones would refuse is not handed on", () => {
  test.each<[string, readonly ExportKey[], SigningKeyPair | undefined, readonly SigningKeyPair[], RegExp]>([
    ["signed with another key than announced", [sound], otherPair, [pair], /signature/],
    ["not signed, though there is a key", [sound], undefined, [pair], /sign/],
    ["one key twice", [sound, sound], pair, [pair], /key_repeated/],
    ["a risk out of range", [{ ...sound, transmissionRisk: 9 }], pair, [pair], /risk/],
    ["a period out of range", [{ ...sound, rollingPeriod: 145 }], pair, [pair], /period/],
    ["a key from the future", [{ ...sound, rollingStartIntervalNumber: 2_700_000 }], pair, [pair], /start/],
    ["an onset out of range", [{ ...sound, daysSinceOnset: 15 }], pair, [pair], /days|onset/],
  ])("%s", async (_what, keys, signer, announced, reason) => {
    const { files, refused } = await handedOn(keys, signer, announced);
    expect(files).toBe(0);
    expect(refused).toBeInstanceOf(BadExport);
    expect(String(refused)).toMatch(reason);
  });
});

test("files after a refused one are not even built", async () => {
  const built: string[] = [];
  const twoFiles = filesOf([sound, { ...sound, tek: Buffer.alloc(16, 2) }], otherPair, 1);
  async function* watched(): AsyncGenerator<BuiltExportFile> {
    for await (const file of twoFiles) {
      built.push(file.objectName);
      yield file;
    }
  }
  const packAll = async (): Promise<void> => {
    for await (const file of checkedFiles(watched(), [recordOf(pair)])) await file.pack();
  };
  await expect(packAll()).rejects.toThrow(BadExport);
  expect(built).toHaveLength(1);
});

async function handedOn(
  keys: readonly ExportKey[],
  signer: SigningKeyPair | undefined,
  announced: readonly SigningKeyPair[],
): Promise<{ files: number; refused: unknown }> {
  let files = 0;
  try {
    for await (const file of checkedFiles(filesOf(keys, signer), announced.map(recordOf))) {
      await file.pack();
      files++;
    }
    return { files, refused: undefined };
  } catch (refused) {
    return { files, refused };
  }
}

function filesOf(
  keys: readonly ExportKey[],
  signer: SigningKeyPair | undefined,
  maxRecords = 10,
): AsyncGenerator<BuiltExportFile, void, void> {
  const packed = new PackedKeys();
  for (const key of keys) packed.add(key);
  const padding = { recordsMin: 0, recordsRange: 0 };
  return buildExport({
    config: { id: "us", filenameRoot: "us", outputRegion: "US", maxRecords, padding },
    window,
    keys: packed,
    revisedKeys: new PackedKeys(),
    paddingSecret: createSecretKey(Buffer.alloc(32, 1)),
    signers: signer === undefined ? [] : [localSigner(signer.privateKeyPem, signer)],
  });
}

function recordOf(keyPair: SigningKeyPair): SigningKeyRecord {
  const { verificationKeyId, verificationKeyVersion, publicKeyPem } = keyPair;
  const times = { fromSeconds: 0, thruSeconds: undefined };
  const wrappedPrivateKey = Buffer.alloc(0);
  return { id: "k", ...times, verificationKeyId, verificationKeyVersion, publicKeyPem, wrappedPrivateKey };
}

function aPair(): SigningKeyPair {
  const outcome = createSigningKey("310", "v1");
  if (outcome.kind !== "created") throw new Error(outcome.reason);
  return outcome.pair;
}
