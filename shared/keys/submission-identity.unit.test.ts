import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { PublishRequest } from "./publish-request.js";
import { insertedBy, insertedByEach, submissionIdentity } from "./submission-identity.js";

const key = randomBytes(32);
const aKey = {
  key: "AQAAAAAAAAAAAAAAAAAAAQ==",
  rollingStartNumber: 1,
  rollingPeriod: 144,
  transmissionRisk: 0,
};
const request: PublishRequest = {
  temporaryExposureKeys: [aKey, { ...aKey, transmissionRisk: 9_223_372_036_854_775_807n }],
  healthAuthorityID: "gov.example.app",
  verificationPayload: "a.b.c",
  hmacKey: "c2VjcmV0",
  symptomOnsetInterval: 0,
  traveler: false,
  revisionToken: "",
  padding: "AAAA",
};

describe("the identity of a submission", () => {
  const identity = submissionIdentity(key, request);

  test("is 16 bytes, and the same for the same request whatever its padding", () => {
    expect(identity).toHaveLength(16);
    expect(submissionIdentity(key, { ...request, padding: "BBBB" })).toEqual(identity);
  });

  test.each<Partial<PublishRequest>>([
    { temporaryExposureKeys: [aKey] },
    { temporaryExposureKeys: request.temporaryExposureKeys.toReversed() },
    { temporaryExposureKeys: [aKey, { ...aKey, transmissionRisk: 9_223_372_036_854_775_806n }] },
    { healthAuthorityID: "gov.example.apP" },
    { verificationPayload: "a.b.d" },
    { verificationPayload: 'a.b.c","c2VjcmV0' },
    { hmacKey: "" },
    { symptomOnsetInterval: 1 },
    { traveler: true },
    { revisionToken: "AAAA" },
    { regions: [] },
    { regions: ["US", "CA"] },
    { regions: ["US,CA"] },
  ])("is another for a request with $0", (change) => {
    expect(submissionIdentity(key, { ...request, ...change })).not.toEqual(identity);
  });

  test("is new every time without a certificate", () => {
    const open = { ...request, verificationPayload: "" };
    expect(submissionIdentity(key, open)).not.toEqual(submissionIdentity(key, open));
    expect(submissionIdentity(key, open)).toHaveLength(16);
  });

  test("is another in a deployment with another key", () => {
    expect(submissionIdentity(randomBytes(32), request)).not.toEqual(identity);
  });
});

test("proofs are 16 bytes and differ by submission and by key", () => {
  const [a, b] = [randomBytes(16), randomBytes(16)];
  const teks = Array.from({ length: 30 }, () => randomBytes(16));
  const proofs = teks.map((tek) => insertedBy(a, tek));
  expect(insertedByEach(a, teks)).toEqual(proofs);
  const all = [...proofs, ...insertedByEach(b, teks)].map((proof) => proof.toString("hex"));
  expect(new Set(all).size).toBe(60);
  expect(new Set(proofs.map((proof) => proof.length))).toEqual(new Set([16]));
  expect(insertedByEach(a, [])).toEqual([]);
});
