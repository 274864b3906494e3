import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type CertificateInput, verifyCertificate } from "./certificate.js";
import type { HealthAuthority } from "./health-authority.js";
import { parsePublicKey } from "./public-key.js";
import type { PublishedKey } from "./publish-request.js";
import { verifyStatsToken } from "./stats-token.js";
import { inTekmacOrder } from "./tekmac.js";

interface CertificateVector {
  name: string;
  jwt: string;
  hmacKey: string;
  temporaryExposureKeys: Partial<PublishedKey>[];
  claims_json: Record<string, unknown>;
  accepted: boolean;
  error?: string;
  verified_claims?: { reportType: string; symptomOnsetInterval: number };
}

const folder = new URL("../../test/vectors/verification/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");
const certificates: { vectors: CertificateVector[] } = JSON.parse(read("certificates.json"));
const statsTokens: { vectors: { name: string; jwt: string; accepted: boolean; error?: string }[] } =
  JSON.parse(read("stats-tokens.json"));

// The moment at which the vectors say that a token expired 57077h35m15s ago.
const nowSeconds = 1_795_470_015;
const haKey = publicKey("keys/ha-v1.public.pem");
const authority: HealthAuthority = {
  id: "1",
  issuer: "gov.example.doh",
  audience: "exposure-key-server",
  name: "Example",
  statsEnabled: true,
  keys: [
    { version: "v1", fromSeconds: nowSeconds - 3600, publicKey: haKey },
    {
      version: "v2",
      fromSeconds: 0,
      thruSeconds: nowSeconds,
      publicKey: publicKey("keys/ha-v2-revoked.public.pem"),
    },
    { version: "v3-future", fromSeconds: nowSeconds, publicKey: haKey },
  ],
};
const other = { ...authority, id: "2", issuer: "gov.other.doh", statsEnabled: false };
const healthAuthorityByIssuer = (issuer: string) =>
  [authority, other].find((known) => known.issuer === issuer);
const app = { name: "gov.example.app", allowedHealthAuthorityIds: ["1"] };

function theFirst<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (first === undefined) throw new Error("no vectors");
  return first;
}

function publicKey(name: string) {
  const parsed = parsePublicKey(read(name));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.key;
}

const noKey = { key: "", rollingStartNumber: 0, rollingPeriod: 0, transmissionRisk: 0 };

function anInput(vector: CertificateVector, jwt = vector.jwt): CertificateInput {
  const temporaryExposureKeys = vector.temporaryExposureKeys.map((key) => ({ ...noKey, ...key }));
  const request = { temporaryExposureKeys, hmacKey: vector.hmacKey, verificationPayload: jwt };
  return { request, app, nowSeconds, healthAuthorityByIssuer };
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function aToken(header: unknown, claims: unknown, key = "ha-v1"): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const privateKey = createPrivateKey(read(`keys/${key}.private.pem`));
  return `${signed}.${sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

describe("certificates are judged as by the reference server", () => {
  test.each(certificates.vectors)("$name", async (vector) => {
    const result = await verifyCertificate(anInput(vector));
    expect(result.ok).toBe(vector.accepted);
    if (result.ok) {
      const { reportType, symptomOnsetInterval } = result.claims;
      expect(vector.verified_claims).toMatchObject({ reportType, symptomOnsetInterval });
      expect(result.claims).toMatchObject({ healthAuthorityId: "1", issuer: "gov.example.doh" });
      // Texts of its JSON library are not worth keeping.
    } else if (vector.error?.startsWith("json:") === true) expect(result.reason).toBe("malformed_token");
    else expect(result.message).toBe(vector.error);
  });
});

const valid = theFirst(certificates.vectors);
const header = { alg: "ES256", kid: "v1" };

async function messageFor(claims: unknown, key?: string, head: unknown = header) {
  const result = await verifyCertificate(anInput(valid, aToken(head, claims, key)));
  return result.ok ? "accepted" : result.message;
}

describe("of several failures the first in the reference server's order is reported", () => {
  const wrong = { ...valid.claims_json, reportType: "bogus", tekmac: "***", exp: nowSeconds - 1, aud: "x" };
  const good = valid.claims_json;

  test.each([
    ["algorithm before kid", wrong, "ha-v1", { alg: "ES384" }, "unsupported signing method, must be ES256"],
    [
      "unknown algorithm before anything",
      wrong,
      "ha-v1",
      { alg: "ES1" },
      "signing method (alg) is unavailable.",
    ],
    ["no algorithm", wrong, "ha-v1", { kid: "v1" }, "signing method (alg) is unspecified."],
    [
      "kid before issuer",
      { ...wrong, iss: "x" },
      "ha-v1",
      { alg: "ES256" },
      "missing required header field, 'kid' indicating key id",
    ],
    ["issuer before audience", { ...wrong, iss: "x" }, "ha-v1", header, "issuer not found: x"],
    [
      "audience before key",
      wrong,
      "ha-v1",
      { ...header, kid: 1 },
      "audience mismatch for issuer: gov.example.doh (+x, -exposure-key-server)",
    ],
    [
      "a kid that is no text matches no key",
      good,
      "ha-v1",
      { ...header, kid: 1 },
      "no active public keys for health authority",
    ],
    [
      "future nbf before expiry",
      { ...good, exp: 1, nbf: nowSeconds + 1 },
      "unrelated",
      header,
      "not valid yet (NBF or IAT) in the future",
    ],
    ["signature before expiry", { ...good, exp: 1 }, "unrelated", header, "crypto/ecdsa: verification error"],
    [
      "expiry before tenant",
      { ...wrong, iss: "gov.other.doh", aud: good.aud },
      "ha-v1",
      header,
      "token is expired by 1s",
    ],
    [
      "tenant before report type",
      { ...wrong, iss: "gov.other.doh", aud: good.aud, exp: 0 },
      "ha-v1",
      header,
      "app gov.example.app has not authorized health authority issuer: gov.other.doh",
    ],
    [
      "report type before tekmac",
      { ...wrong, aud: good.aud, exp: 0 },
      "ha-v1",
      header,
      'invalid report type: "bogus"',
    ],
  ])("%s", async (_, claims, key, head, message) => {
    expect(await messageFor(claims, key, head)).toBe(message);
  });
});

describe("times are exact to the second", () => {
  const good = valid.claims_json;

  test.each([
    [{ exp: nowSeconds, iat: nowSeconds, nbf: nowSeconds }, "accepted"],
    [{ exp: nowSeconds - 61 }, "token is expired by 1m1s"],
    [{ exp: nowSeconds - 7200 }, "token is expired by 2h0m0s"],
    [{ exp: -9_007_199_254_740_991 }, "token is expired by 2562047h47m16.854775807s"],
    [{ iat: nowSeconds + 1 }, "not valid yet (NBF or IAT) in the future"],
    [{ exp: null, iat: null, nbf: null, symptomOnsetInterval: null }, "accepted"],
  ])("%j: %s", async (times, message) => {
    expect(await messageFor({ ...good, ...times })).toBe(message);
  });
});

async function orderAfter(vector: CertificateVector, jwt?: string) {
  const input = anInput(vector, jwt);
  const sorted = inTekmacOrder(input.request.temporaryExposureKeys).toReversed();
  const request = { ...input.request, temporaryExposureKeys: sorted };
  const { keys } = await verifyCertificate({ ...input, request });
  return keys.map((key) => key.key).join() === sorted.map((key) => key.key).join() ? "as sent" : "sorted";
}

describe("the order of keys to go on with", () => {
  test("is sorted once the tekmac was compared, whether it matched or not", async () => {
    expect(await orderAfter(valid)).toBe("sorted");
    expect(await orderAfter({ ...valid, hmacKey: "d3Jvbmc=" })).toBe("sorted");
  });

  test("is as sent if the check stopped before", async () => {
    expect(await orderAfter(valid, "")).toBe("as sent");
    expect(await orderAfter({ ...valid, hmacKey: "***" })).toBe("as sent");
  });
});

test("a token whose parts are not what they should be is refused and never throws", async () => {
  const parts = valid.jwt.split(".");
  for (const [place, part] of parts.entries()) {
    for (let at = 0; at <= part.length; at += 7) {
      for (const bad of ["", ".", "=", "AAAA", "\u{1F600}"]) {
        const changed = parts.with(place, `${part.slice(0, at)}${bad}${part.slice(at + 1)}`).join(".");
        if (changed === valid.jwt) continue;
        const result = await verifyCertificate(anInput(valid, changed));
        expect(result.ok).toBe(false);
      }
    }
  }
});

describe("tokens for statistics are judged as by the reference server", () => {
  const check = (authorization: string | undefined) =>
    verifyStatsToken({ authorization, audience: "keyserver", nowSeconds, healthAuthorityByIssuer });

  test.each(statsTokens.vectors)("$name", async ({ jwt, accepted, error }) => {
    const result = await check(`Bearer ${jwt}`);
    expect(result.ok ? { accepted: true } : { accepted: false, error: result.message }).toEqual({
      accepted,
      ...(accepted ? {} : { error }),
    });
  });

  test.each([undefined, "", "bearer x", "Basic x"])("%j is no bearer token", async (authorization) => {
    const message = "Authorization header is not in `Bearer <token>` format";
    expect(await check(authorization)).toEqual({ ok: false, reason: "missing_token", message });
  });

  test.each([
    [{ iss: "x" }, "unauthorized: issuer not found: x"],
    [{ nbf: nowSeconds + 1, iat: nowSeconds + 1 }, "unauthorized: token is not valid yet"],
    [{ aud: "" }, "unauthorized, audience mismatch"],
  ])("%j: %s", async (claims, message) => {
    const token = aToken(header, { iss: "gov.example.doh", aud: "keyserver", ...claims });
    expect(await check(`Bearer ${token}`)).toMatchObject({ ok: false, message });
  });
});
