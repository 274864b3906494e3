import { describe, expect, test } from "vitest";
import { emptyDeployment, healthAuthorityOf, settingsAt, signingKeysAt } from "./deployment.js";
import type { SigningKeyRecord } from "./deployment.js";
import { someSettings } from "./some-settings.test-support.js";

function aSigningKey(id: string, fromSeconds: number, thruSeconds?: number): SigningKeyRecord {
  const rest = {
    verificationKeyId: id,
    verificationKeyVersion: "v1",
    publicKeyPem: "",
    wrappedPrivateKey: Buffer.alloc(0),
  };
  return { id, fromSeconds, thruSeconds, ...rest };
}

describe("the settings of a window", () => {
  const configuration = {
    id: "us",
    versions: [
      someSettings({ version: 1, effectiveAtSeconds: 100 }),
      someSettings({ version: 2, effectiveAtSeconds: 200 }),
    ],
  };
  test.each([
    [99, undefined],
    [100, 1],
    [199, 1],
    [200, 2],
    [9999, 2],
  ])("that ends at %i are version %s", (endSeconds, version) => {
    expect(settingsAt(configuration, endSeconds)?.version).toBe(version);
  });
});

describe("the signers of a window", () => {
  const keys = [
    aSigningKey("old", 0, 100),
    aSigningKey("new", 50),
    aSigningKey("twin", 50),
    aSigningKey("unused", 0),
  ];
  const deployment = { ...emptyDeployment, signingKeys: new Map(keys.map((key) => [key.id, key])) };
  const settings = someSettings({ signingKeyIds: ["old", "new", "twin", "vanished"] });
  test.each([
    [49, ["old"]],
    [50, ["twin", "new", "old"]],
    [100, ["twin", "new", "old"]],
    [101, ["twin", "new"]],
  ])("that ends at %i are those valid then, newest first", (endSeconds, ids) => {
    expect(signingKeysAt(deployment, settings, endSeconds).map(({ id }) => id)).toEqual(ids);
  });
});

test("a health authority is found by its issuer, not by its id", () => {
  const authority = {
    id: "doh",
    issuer: "gov.example",
    audience: "",
    name: "",
    statsEnabled: true,
    keys: [],
  };
  const deployment = { ...emptyDeployment, healthAuthorities: new Map([["doh", authority]]) };
  expect(healthAuthorityOf(deployment, "gov.example")).toBe(authority);
  expect(healthAuthorityOf(deployment, "doh")).toBeUndefined();
});
