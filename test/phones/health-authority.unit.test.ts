import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { aHealthAuthority, signCertificate } from "./health-authority.js";
import type { HealthAuthority } from "./health-authority.js";

const keys = [{ key: "/+7dzLuqmYh3ZlVEMyIRAA==", rollingStartNumber: 2_649_888, rollingPeriod: 144 }];
const request = {
  keys,
  hmacSecret: Buffer.alloc(16, 1),
  reportType: "likely",
  issuedAtSeconds: 1_589_990_400,
} as const;

test("a certificate is an ES256 token that the public key verifies", () => {
  const authority = aHealthAuthority({ keyVersion: "v7" });
  const jwt = signCertificate(authority, { ...request, symptomOnsetInterval: 2_649_600 });
  expect(isSignedBy(jwt, authority)).toBe(true);
  expect(isSignedBy(jwt, aHealthAuthority())).toBe(false);
  expect(segment(jwt, 0)).toEqual({ alg: "ES256", kid: "v7", typ: "JWT" });
  expect(segment(jwt, 1)).toMatchObject({
    iss: "gov.example.doh",
    aud: "exposure-key-server",
    iat: 1_589_990_400,
    exp: 1_589_991_300,
    reportType: "likely",
    symptomOnsetInterval: 2_649_600,
  });
});

test("claims can be changed and left out", () => {
  const jwt = signCertificate(aHealthAuthority(), { ...request, claims: { aud: "else", tekmac: undefined } });
  expect(segment(jwt, 1)).toMatchObject({ aud: "else" });
  expect(segment(jwt, 1)).not.toHaveProperty("tekmac");
});

test("an authority can use a private key that it is given", () => {
  const authority = aHealthAuthority({ privatePem: readFileSync(keyFile("private"), "utf8") });
  expect(authority.publicPem.trim()).toBe(readFileSync(keyFile("public"), "utf8").trim());
});

function isSignedBy(jwt: string, authority: HealthAuthority): boolean {
  const [header = "", claims = "", signature = ""] = jwt.split(".");
  const key = { key: createPublicKey(authority.publicPem), dsaEncoding: "ieee-p1363" } as const;
  return verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"));
}

function segment(jwt: string, position: number): unknown {
  return JSON.parse(Buffer.from(jwt.split(".")[position] ?? "", "base64url").toString("utf8"));
}

function keyFile(kind: string): URL {
  return new URL(`../vectors/verification/keys/ha-v1.${kind}.pem`, import.meta.url);
}
