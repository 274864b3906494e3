import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeAlphaBody, decodePublishBody } from "./publish-body.js";

const key = { key: "AA==", rollingStartNumber: 1, rollingPeriod: 144, transmissionRisk: 2 };
const shared = {
  temporaryExposureKeys: [key],
  verificationPayload: "a.b.c",
  symptomOnsetInterval: 5,
  revisionToken: "token",
  padding: "p",
};

function alpha(body: object) {
  return decodeAlphaBody(Buffer.from(JSON.stringify(body)));
}

describe("a body of v1alpha1", () => {
  test("means a publish of v1, and what v1 has not is ignored", () => {
    const names = { appPackageName: "app", hmackey: "secret", regions: ["US"] };
    const ignored = { platform: "android", deviceVerificationPayload: "x" };
    expect(alpha({ ...shared, ...names, ...ignored })).toEqual({
      ok: true,
      value: { ...shared, healthAuthorityID: "app", hmacKey: "secret", regions: ["US"], traveler: false },
    });
  });

  test.each<[readonly string[], boolean]>([
    [[], false],
    [["US"], false],
    [["US", "CA"], true],
    [["US", "US"], true],
  ])("with regions %j is a traveler's: %j", (regions, traveler) => {
    expect(alpha({ regions })).toMatchObject({ ok: true, value: { regions, traveler } });
  });

  test.each(["healthAuthorityID", "traveler"])("has no %s", (name) => {
    expect(alpha({ [name]: "x" })).toMatchObject({ ok: false, status: 400 });
  });

  test("and one of v1 decode to something, or to an answer, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        for (const decode of [decodeAlphaBody, decodePublishBody]) {
          const decoded = decode(Buffer.from(text));
          if (!decoded.ok) expect(decoded.text).toMatch(/^error unmarshalling API call, code: 4/);
        }
      }),
    );
  });
});
