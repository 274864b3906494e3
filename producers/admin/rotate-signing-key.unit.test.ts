import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signingKeysAt, type Deployment } from "../../shared/deployment/deployment.js";
import { someSettings } from "../../shared/deployment/some-settings.test-support.js";
import { createSigningKey, type SigningKeyPair } from "../../shared/secrets/signing-key.js";
import { aDeployment, after } from "./a-deployment.test-support.js";
import { change } from "./change-outcome.js";
import { createExport } from "./change-export.js";
import { createSigningKeyEntity, retireSigningKey } from "./change-signing-key.js";
import { rotateSigningKey, type RotateOutcome, type Rotation } from "./rotate-signing-key.js";

const now = 1_800_000_000;
const from = now + 1000;
const wrappingKey = createSecretKey(Buffer.alloc(32, 1));
const withKey = aDeployment(["signing-key", "old", aSigningKey("old", "v1")]);
const { version: _version, effectiveAtSeconds: _at, ...fields } = someSettings({ signingKeyIds: ["old"] });
const withExports = ["us", "ca", "mx"].reduce((deployment, id) => {
  const signingKeyIds = id === "mx" ? [] : ["old"];
  const outcome = createExport(deployment, id, { ...fields, filenameRoot: id, signingKeyIds });
  return after(deployment, "export-configuration", id, outcome);
}, withKey);

describe("a window that ends at a time is signed", () => {
  test.each<[string, number | undefined, Record<number, string[]>]>([
    [
      "by one key or the other without an overlap",
      undefined,
      { [from - 1]: ["old"], [from]: ["new"], [from + 500]: ["new"] },
    ],
    [
      "by both during an overlap, the newest first",
      500,
      { [from - 1]: ["old"], [from]: ["new", "old"], [from + 500]: ["new", "old"], [from + 501]: ["new"] },
    ],
    ["by both where the overlap is a moment", 0, { [from]: ["new", "old"], [from + 1]: ["new"] }],
  ])("%s", (_what, overlapSeconds, expected) => {
    const rotated = carriedOut(rotate(withExports, { overlapSeconds }));
    for (const id of ["us", "ca"])
      for (const [endSeconds, keys] of Object.entries(expected))
        expect(signersOf(rotated, id, Number(endSeconds)), `${id} at ${endSeconds}`).toEqual(keys);
  });
});

test("an export that the old key does not sign stays as it is", () => {
  const rotated = carriedOut(rotate(withExports, {}));
  expect(rotated.exportConfigurations.get("mx")).toEqual(withExports.exportConfigurations.get("mx"));
});

test("a rotation that breaks off leaves every window signed", () => {
  const outcome = rotate(withExports, {});
  for (const count of [0, 1, 2, 3]) {
    const halfWay = carriedOut(outcome, count);
    for (const endSeconds of [from - 1, from, from + 5000])
      for (const id of ["us", "ca"]) expect(signersOf(halfWay, id, endSeconds)).toContain("old");
  }
});

describe("refused", () => {
  const ending = after(
    withExports,
    "signing-key",
    "old",
    retireSigningKey(withExports, "old", now + 100, now),
  );
  const ten = Array.from({ length: 10 }, (_, index) => `k${index}`);
  const withTen = after(
    ten.reduce((deployment, id) => after(deployment, "signing-key", id, aSigningKey(id, id)), aDeployment()),
    "export-configuration",
    "us",
    change({
      exportConfiguration: {
        id: "us",
        versions: [
          { ...fields, thruSeconds: 0, version: 1, inputRegions: [], excludeRegions: [], signingKeyIds: ten },
        ],
      },
    }),
  );
  test.each<[string, RotateOutcome, string]>([
    ["a key that is not there", rotate(withExports, { oldId: "none" }), "unknown"],
    ["a new id that is taken", rotate(withExports, { newId: "old" }), "exists"],
    ["the version of another key", rotate(withExports, { pair: aPair("v1") }), "version_taken"],
    ["a beginning before every process knows", rotate(withExports, { fromSeconds: now + 5 }), "too_soon"],
    ["a key that ends before the new one begins", rotate(ending, {}), "ends_before"],
    ["a key that signs nothing", rotate(withKey, {}), "unused"],
    ["an eleventh key", rotate(withTen, { oldId: "k1" }), "too_many_signing_keys"],
  ])("%s", (_what, outcome, reason) => {
    expect(outcome).toMatchObject({ kind: "refuse", reason });
  });
});

function rotate(deployment: Deployment, changes: Partial<Rotation>): RotateOutcome {
  const rotation = {
    oldId: "old",
    newId: "new",
    pair: aPair("v2"),
    fromSeconds: from,
    overlapSeconds: undefined,
  };
  return rotateSigningKey(deployment, { ...rotation, ...changes }, now, wrappingKey);
}

function carriedOut(outcome: RotateOutcome, count = Infinity): Deployment {
  if (outcome.kind === "refuse") throw new Error(outcome.reason);
  return outcome.steps
    .slice(0, count)
    .reduce((then, { kind, id, changed }) => after(then, kind, id, change(changed)), withExports);
}

function signersOf(deployment: Deployment, id: string, endSeconds: number): string[] {
  const settings = deployment.exportConfigurations.get(id)?.versions.at(-1);
  if (settings === undefined) throw new Error("the export is not there");
  return signingKeysAt(deployment, settings, endSeconds).map((key) => key.id);
}

function aSigningKey(id: string, version: string): ReturnType<typeof createSigningKeyEntity> {
  const times = { fromSeconds: 1, thruSeconds: undefined };
  return createSigningKeyEntity(aDeployment(), id, aPair(version), times, wrappingKey);
}

function aPair(version: string): SigningKeyPair {
  const outcome = createSigningKey("310", version);
  if (outcome.kind !== "created") throw new Error(outcome.reason);
  return outcome.pair;
}
