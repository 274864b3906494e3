import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createSigningKey, type SigningKeyPair } from "./signing-key.js";

test("the public key verifies what the private key signs, on P-256", () => {
  const { privateKeyPem, publicKeyPem } = aPair();
  expect(createPrivateKey(privateKeyPem).asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  const data = Buffer.from("data");
  expect(verify("sha256", data, publicKeyPem, sign("sha256", data, privateKeyPem))).toBe(true);
});

test("the keys are PKCS#8 and PKIX in PEM", () => {
  const { privateKeyPem, publicKeyPem } = aPair();
  expect(privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(publicKeyPem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  expect(createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" })).toBe(publicKeyPem);
});

test("each pair is another one and carries its names", () => {
  expect(aPair().publicKeyPem).not.toBe(aPair().publicKeyPem);
  expect(aPair()).toMatchObject({ verificationKeyId: "310", verificationKeyVersion: "v1" });
});

describe("letters, digits, underscores and periods are accepted", () => {
  test.each(["310", "v1", "com.example.EN_key", "a".repeat(64)])("%s", (name) => {
    expect(createSigningKey(name, name).kind).toBe("created");
  });
});

describe("other names are refused", () => {
  test.each(["", "a b", "a-b", "a/b", "310\n", "é", "a".repeat(65)])("%j", (name) => {
    expect(createSigningKey(name, "v1")).toEqual({ kind: "rejected", reason: "bad-verification-key-id" });
    expect(createSigningKey("310", name)).toEqual({
      kind: "rejected",
      reason: "bad-verification-key-version",
    });
  });
});

function aPair(): SigningKeyPair {
  const outcome = createSigningKey("310", "v1");
  if (outcome.kind !== "created") throw new Error(outcome.reason);
  return outcome.pair;
}
