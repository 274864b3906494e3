import { createHash, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkExport } from "./check-export.js";
import type { CheckedExport, ExportPublicKey } from "./check-export.js";
import { keyAt } from "./key-table.js";
import type { KeyTable } from "./key-table.js";
import {
  aSigner,
  anExport,
  aZip,
  anExportContent,
  bytes,
  defaultSigner,
  number,
  sortedKeys,
  varint,
} from "./an-export.js";

const vectors = new URL("../../test/vectors/export/", import.meta.url);
const reportTypes = [
  "",
  "CONFIRMED_TEST",
  "CONFIRMED_CLINICAL_DIAGNOSIS",
  "SELF_REPORT",
  "RECURSIVE",
  "REVOKED",
];
const publicKeys = [defaultSigner.publicKey];

describe("an export made by the reference server", () => {
  test.each([
    ["01-primary-and-revised", ["export-signer-1:v1"]],
    ["02-two-signers-newest-first", ["export-signer-1:v1", "export-signer-2:v2"]],
    ["04-no-signers", []],
    ["05-revised-only", ["export-signer-1:v1"]],
  ])("%s is accepted and reads as the reference server reads it", (name, keyFiles) => {
    const zip = readFileSync(new URL(`${name}/export.zip`, vectors));
    const expected = JSON.parse(readFileSync(new URL(`${name}/expected.json`, vectors), "utf8"));
    const checked = checkExport(zip, { publicKeys: keyFiles.map(vectorKey), unsigned: "accepted" });
    if (!checked.ok) throw new Error(JSON.stringify(checked.findings));
    expect(asExpected(checked.export)).toEqual(expected.export_bin);
    const sha256 = createHash("sha256").update(checked.export.exportBin).digest("hex");
    expect(sha256).toBe(expected.export_bin_sha256);
  });

  test("an export without signers is refused unless the caller asks for it", () => {
    const zip = readFileSync(new URL("04-no-signers/export.zip", vectors));
    expect(checkExport(zip, { publicKeys: [] })).toMatchObject({
      ok: false,
      findings: [{ reason: "unsigned" }],
    });
  });

  test("a signature by the other signer's key is refused", () => {
    const zip = readFileSync(new URL("01-primary-and-revised/export.zip", vectors));
    const check = checkExport(zip, { publicKeys: [vectorKey("export-signer-2:v1")] });
    expect(check).toMatchObject({ ok: false, findings: [{ reason: "signature_invalid" }] });
  });
});

describe("signers", () => {
  const other = aSigner("310", "v2");
  const zip = anExport({ signers: [other, defaultSigner] });

  test("two signers are accepted when both keys are known", () => {
    expect(checkExport(zip, { publicKeys: [defaultSigner.publicKey, other.publicKey] }).ok).toBe(true);
  });

  test("a phone that knows one of two keys is content when it may skip the other", () => {
    expect(checkExport(zip, { publicKeys, unknownSigners: "skipped" }).ok).toBe(true);
    expect(checkExport(zip, { publicKeys }).ok).toBe(false);
    expect(checkExport(zip, { publicKeys: [], unknownSigners: "skipped" }).ok).toBe(false);
  });

  test("a public key that is not on P-256 is a mistake of the caller", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    expect(() => checkExport(zip, { publicKeys: [{ id: "310", version: "v1", pem }] })).toThrow(TypeError);
  });
});

describe("what is tolerated", () => {
  const unknownFields = Buffer.concat([
    number(90, 7),
    bytes(91, Buffer.from("later")),
    Buffer.concat([varint(92 * 8 + 1), Buffer.alloc(8)]),
    Buffer.concat([varint(93 * 8 + 5), Buffer.alloc(4)]),
  ]);

  test("unknown fields are stepped over", () => {
    const [first, ...rest] = sortedKeys(5);
    const keys = first === undefined ? [] : [{ ...first, extra: unknownFields }, ...rest];
    const check = checkExport(anExport({ extra: unknownFields, keys }), { publicKeys });
    expect(check).toMatchObject({ ok: true, export: { region: "US", keys: { count: 5 } } });
  });

  test("deflated entries may have data descriptors, stored ones may come without", () => {
    const { bin, sig } = anExportContent();
    const zip = aZip([
      { name: "export.bin", content: bin, descriptor: true },
      { name: "export.sig", content: sig, stored: true },
    ]);
    expect(checkExport(zip, { publicKeys }).ok).toBe(true);
  });

  test("a view into a larger buffer is read from its own start", () => {
    const zip = Buffer.concat([Buffer.from("before"), anExport(), Buffer.from("after")]);
    expect(checkExport(zip.subarray(6, zip.length - 5), { publicKeys }).ok).toBe(true);
  });
});

function vectorKey(file: string): ExportPublicKey {
  const [name = "", version = ""] = file.split(":");
  const pem = readFileSync(new URL(`keys/${name}.public.pem`, vectors), "utf8");
  return { id: "310", version, pem };
}

/** An export in the shape of expected.json, which leaves out what has its default value. */
function asExpected(found: CheckedExport): unknown {
  const infos = found.signatureInfos.map((info) => ({
    verification_key_version: info.verificationKeyVersion,
    verification_key_id: info.verificationKeyId,
    signature_algorithm: info.signatureAlgorithm,
  }));
  return {
    start_timestamp: String(found.startSeconds),
    end_timestamp: String(found.endSeconds),
    region: found.region,
    batch_num: 1,
    batch_size: 1,
    ...(infos.length > 0 && { signature_infos: infos }),
    ...(found.keys.count > 0 && { keys: keysAsExpected(found.keys) }),
    ...(found.revisedKeys.count > 0 && { revised_keys: keysAsExpected(found.revisedKeys) }),
  };
}

function keysAsExpected(table: KeyTable): unknown[] {
  return Array.from({ length: table.count }, (_, row) => {
    const key = keyAt(table, row);
    return {
      key_data: key.key,
      transmission_risk_level: key.transmissionRisk,
      rolling_start_interval_number: key.rollingStart,
      ...(key.rollingPeriod !== 144 && { rolling_period: key.rollingPeriod }),
      ...(key.reportType !== 0 && { report_type: reportTypes[key.reportType] }),
      ...(key.daysSinceOnset !== undefined && { days_since_onset_of_symptoms: key.daysSinceOnset }),
    };
  });
}
