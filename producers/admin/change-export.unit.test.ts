import { describe, expect, test } from "vitest";
import { settingsAt, type Deployment } from "../../shared/deployment/deployment.js";
import { aDeployment, after, aPublicKeyPem } from "./a-deployment.test-support.js";
import { createExport, updateExport, type ExportFields, type ExportOutcome } from "./change-export.js";
import { change, type ChangeOutcome } from "./change-outcome.js";

const now = 1_800_000_000;
const fields: ExportFields = {
  filenameRoot: "exports/us",
  periodSeconds: 14_400,
  outputRegion: "US",
  inputRegions: [],
  excludeRegions: ["CA"],
  includeTravelers: true,
  onlyNonTravelers: false,
  fromSeconds: now,
  thruSeconds: undefined,
  recordsPerFileMax: 500_000,
  signingKeyIds: ["k1"],
  paddingRecordsMin: 1000,
  paddingRecordsRange: 100,
  holdRecordsMin: 0,
  holdSecondsMax: 86_400,
};
const keyIds = Array.from({ length: 11 }, (_, index) => `k${index}`);
const bare = aDeployment(...keyIds.map((id) => ["signing-key", id, aSigningKey(id)] as const));
const withExport = then(bare, createExport(bare, "us", fields));

test("a new export has one version that applies from the beginning", () => {
  const versions = [{ ...fields, version: 1, effectiveAtSeconds: 0 }];
  expect(withExport.exportConfigurations.get("us")).toEqual({ id: "us", versions });
});

test("an update adds a version for windows that end a little later, and keeps the first", () => {
  const updated = then(withExport, updateExport(withExport, "us", { signingKeyIds: ["k2"] }, now));
  const configuration = updated.exportConfigurations.get("us");
  if (configuration === undefined) throw new Error("the export is not there");
  expect(configuration.versions).toHaveLength(2);
  expect(settingsAt(configuration, now + 4)).toEqual({ ...fields, version: 1, effectiveAtSeconds: 0 });
  const second = { ...fields, signingKeyIds: ["k2"], version: 2, effectiveAtSeconds: now + 5 };
  expect(settingsAt(configuration, now + 5)).toEqual(second);
});

test("versions stay in the order of their times when a clock is behind", () => {
  const second = then(withExport, updateExport(withExport, "us", { periodSeconds: 3600 }, now));
  const third = then(second, updateExport(second, "us", { periodSeconds: 7200 }, now - 500));
  const versions = third.exportConfigurations.get("us")?.versions ?? [];
  expect(versions.map(({ effectiveAtSeconds }) => effectiveAtSeconds)).toEqual([0, now + 5, now + 5]);
});

test("an end can be given and taken away", () => {
  const ended = then(withExport, updateExport(withExport, "us", { thruSeconds: now + 60 }, now));
  expect(ended.exportConfigurations.get("us")?.versions.at(-1)?.thruSeconds).toBe(now + 60);
  const open = then(ended, updateExport(ended, "us", { thruSeconds: undefined }, now));
  expect(open.exportConfigurations.get("us")?.versions.at(-1)?.thruSeconds).toBeUndefined();
});

test("an export may go back to its own earlier filename root", () => {
  const moved = then(withExport, updateExport(withExport, "us", { filenameRoot: "exports/us2" }, now));
  expect(updateExport(moved, "us", { filenameRoot: "exports/us" }, now).kind).toBe("change");
});

test("there are at most 500 versions, for all of them are one record of the log", () => {
  const of = (count: number): Deployment => {
    const versions = Array.from({ length: count }, (_, index) => ({
      ...fields,
      version: index + 1,
      effectiveAtSeconds: 0,
    }));
    return { ...withExport, exportConfigurations: new Map([["us", { id: "us", versions }]]) };
  };
  expect(updateExport(of(499), "us", { outputRegion: "MX" }, now).kind).toBe("change");
  const refused = { kind: "refuse", reason: "too_many_versions" };
  expect(updateExport(of(500), "us", { outputRegion: "MX" }, now)).toMatchObject(refused);
});

describe("refused", () => {
  const moved = then(withExport, updateExport(withExport, "us", { filenameRoot: "exports/new" }, now));
  const with11 = { ...fields, signingKeyIds: keyIds };
  const cases: [string, ExportOutcome, string][] = [
    ["an id that exists", createExport(withExport, "us", fields), "exists"],
    ["an update of none", updateExport(bare, "us", {}, now), "unknown"],
    [
      "another's root in other case",
      other(withExport, { filenameRoot: "Exports/US" }),
      "filename_root_taken",
    ],
    ["another's former root", other(moved, {}), "filename_root_taken"],
    ["a signing key that is not there", other(bare, { signingKeyIds: ["k1", "x"] }), "unknown_signing_key"],
    ["eleven signing keys", createExport(bare, "us", with11), "too_many_signing_keys"],
    ["travelers in and out", other(bare, { onlyNonTravelers: true }), "travelers_conflict"],
    ["an end before the beginning", other(bare, { thruSeconds: now }), "ends_before_it_begins"],
    [
      "holding for no longer than one window",
      other(bare, { holdRecordsMin: 5, holdSecondsMax: 14_400 }),
      "hold_too_short",
    ],
    ["an update to the same", updateExport(withExport, "us", { outputRegion: "US" }, now), "nothing_changes"],
  ];
  test.each(cases)("%s", (_what, outcome, reason) => {
    expect(outcome).toMatchObject({ kind: "refuse", reason });
  });
});

function other(deployment: Deployment, rest: Partial<ExportFields>): ExportOutcome {
  return createExport(deployment, "other", { ...fields, ...rest });
}

function then(deployment: Deployment, outcome: ExportOutcome): Deployment {
  return after(deployment, "export-configuration", "us", outcome);
}

function aSigningKey(id: string): ChangeOutcome<never> {
  const names = { id, verificationKeyId: "310", verificationKeyVersion: id };
  const wrappedPrivateKey = Buffer.alloc(40);
  return change({
    signingKey: { ...names, fromSeconds: 1, publicKeyPem: aPublicKeyPem(), wrappedPrivateKey },
  });
}
