import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { aHealthAuthority } from "../phones/health-authority.js";
import { eventually } from "../river/eventually.js";
import { aSampleDeployment, type SampleDeployment } from "./a-sample-deployment.js";
import { bodyOf, phoneWith, published, sampleAuthority, untilStored } from "./a-sample-phone.js";
import { post, type PostAnswer } from "./post.js";
import { sampleSeconds } from "./sample-time.js";

// Cases of the same kinds as the recorded samples, made from the reference server's facts: tenants, health authorities,
// v1alpha1 and headers. The gateway runs inside the test, on the real stack.

let deployment: SampleDeployment;
/** A gateway with defaults, and v1alpha1. */
let port: number;

beforeAll(async () => {
  deployment = await aSampleDeployment(inject("endpoints"));
  port = await deployment.gateway({ ENABLE_V1ALPHA1_API: "true" });
});
afterAll(() => deployment.stop());

const rejected = "unable to validate diagnosis verification: ";

describe("tenants", () => {
  test("are found whatever the letter case, and quoted as sent", async () => {
    const answer = await post(port, bodyOf(phoneWith(1), { healthAuthorityID: "GOV.Example.APP" }));
    expect(answer).toMatchObject({ status: 200, body: { insertedExposures: 1 } });
    const unknown = await post(port, bodyOf(phoneWith(1), { healthAuthorityID: "GOV.nobody" }));
    expect(unknown.body["error"]).toBe("unauthorized health authority: GOV.nobody");
  });

  test("that are made are there, and that are removed are gone, within seconds", async () => {
    const app = { name: "gov.new.app", regions: ["US"], healthAuthorityIds: ["1"] };
    const ask = () => post(port, bodyOf(phoneWith(1), { healthAuthorityID: app.name }));
    expect((await ask()).status).toBe(401);
    await deployment.put("authorized-app", app.name, { authorizedApp: app });
    await eventually("the app", async () => (await ask()).status === 200);
  });

  test("accept the certificates of their health authorities only", async () => {
    const name = "gov.other.app";
    await deployment.put("authorized-app", name, { authorizedApp: { name, regions: ["US"] } });
    const error = `${rejected}app ${name} has not authorized health authority issuer: gov.example.doh`;
    await eventually(
      "the app to be known",
      async () =>
        (await post(port, bodyOf(phoneWith(1), { healthAuthorityID: name }))).body["error"] === error,
    );
  });

  test("that need no certificate may send a bad one, which then says nothing", async () => {
    const phone = phoneWith(1);
    const { verificationPayload: _, ...rest } = bodyOf(phone, { healthAuthorityID: "gov.bypass.app" });
    const answer = await post(port, { ...rest, verificationPayload: "a.b.c" });
    expect(answer).toMatchObject({ status: 200, body: { insertedExposures: 1 } });
    const [key] = await untilStored(deployment, phone, () => true);
    expect(key).toMatchObject({ reportType: "", transmissionRisk: 0 });
    expect(key?.healthAuthorityId).toBeUndefined();
  });
});

describe("keys of a health authority", () => {
  const other = aHealthAuthority({ issuer: "gov.second.doh" });
  const key = { version: "v1", fromSeconds: sampleSeconds - 10, publicKeyPem: other.publicPem };
  const names = { id: "2", issuer: other.issuer, audience: other.audience, name: "Second" };
  const app = { name: "gov.second.app", regions: ["US"], healthAuthorityIds: ["1", "2"] };
  const ask = async (phone = phoneWith(1)) =>
    post(port, bodyOf(phone, { authority: other, healthAuthorityID: app.name }));
  const noKey = `${rejected}no active public keys for health authority`;

  beforeAll(async () => {
    await deployment.put("authorized-app", app.name, { authorizedApp: app });
  });

  test.each([
    ["whose time has not come", { ...key, fromSeconds: sampleSeconds + 3600 }],
    ["whose time is over", { ...key, thruSeconds: sampleSeconds - 1 }],
    ["of another version", { ...key, version: "v2" }],
  ])("%s sign nothing", async (_what, changed) => {
    await deployment.put("health-authority", "2", { healthAuthority: { ...names, keys: [changed] } });
    await eventually("the answer", async () => (await ask()).body["error"] === noKey);
  });

  test("of several versions are good at once, and another authority may revise", async () => {
    const keys = [{ ...key, version: "v0", publicKeyPem: sampleAuthority.publicPem }, key];
    await deployment.put("health-authority", "2", { healthAuthority: { ...names, keys } });
    await eventually("the key", async () => (await ask()).status === 200);
    const phone = phoneWith(2);
    await published(deployment, port, phone);
    const revised = await post(port, bodyOf(phone, { authority: other, healthAuthorityID: app.name }));
    expect(revised.status).toBe(200);
    const stored = await untilStored(deployment, phone, ({ revision }) => revision !== undefined);
    expect(stored.map(({ revision }) => revision?.healthAuthorityId)).toEqual(["2", "2"]);
  });
});

describe("v1alpha1", () => {
  const alpha = (body: string | object): Promise<PostAnswer> => post(port, body, { path: "/" });
  const fromV1 = (
    { healthAuthorityID, hmacKey, ...rest }: Record<string, unknown>,
    changes: object = {},
  ) => ({
    ...rest,
    appPackageName: healthAuthorityID,
    hmackey: hmacKey,
    ...changes,
  });
  const prefix = "error unmarshalling API call, code:";

  test.each([
    ["no list of regions", '{"regions":"US"}', `${prefix} 400: invalid value "regions" at position 15`],
    ["a region that is no text", '{"regions":[1]}', `${prefix} 400: invalid value "regions" at position 13`],
    [
      "a platform that is no text",
      '{"platform":1}',
      `${prefix} 400: invalid value "platform" at position 13`,
    ],
    ["nothing", "", `${prefix} 400: body must not be empty`],
    ["JSON that is none", "{x", `${prefix} 400: malformed json at position 2`],
    ["null", "null", "unauthorized health authority: "],
    ["names in other letters", '{"APPPACKAGENAME":"a","Regions":null}', "unauthorized health authority: a"],
    ["64,001 bytes", `{"padding":"${"x".repeat(63_987)}"}`, `${prefix} 413: http: request body too large`],
  ])("%s is refused in the same words as in v1", async (_what, body, error) => {
    const answer = await alpha(body);
    expect(answer.headers["x-api-version"]).toBe("v1alpha");
    const { padding, ...fields } = answer.body;
    expect(fields).toStrictEqual({ revisionToken: "", insertedExposures: 0, error });
    expect(String(padding).length).toBeGreaterThanOrEqual(1368);
  });

  test("is verified like v1, and its regions are stored in upper case", async () => {
    const phone = phoneWith(1);
    const app = { name: "anywhere", regions: [], healthAuthorityIds: ["1"] };
    await deployment.put("authorized-app", app.name, { authorizedApp: app });
    const body = fromV1(bodyOf(phone, { healthAuthorityID: app.name }), { regions: ["us", "Ca"] });
    await eventually("the answer", async () => (await alpha(body)).status === 200);
    const [key] = await untilStored(deployment, phone, () => true);
    expect(key).toMatchObject({
      regions: ["US", "CA"],
      traveler: true,
      app: app.name,
    });
  });

  test("tells failures of certificate, keys and token without a code", async () => {
    const phone = phoneWith(2);
    const wrongSecret = await alpha(fromV1(bodyOf(phone), { hmackey: "AAAA" }));
    expect(wrongSecret).toMatchObject({
      status: 401,
      body: { error: expect.stringContaining("HMAC mismatch") },
    });
    await published(deployment, port, phone);
    phone.revisionToken = undefined;
    const known = await alpha(fromV1(bodyOf(phone, { reportType: "confirmed" })));
    expect(known).toMatchObject({
      status: 400,
      body: { error: "no revision token, but sent existing keys" },
    });
    expect([wrongSecret.body, known.body].some((body) => "code" in body)).toBe(false);
  });

  test("has partial successes and warnings as v1", async () => {
    const [good, bad, far] = phoneWith(3).keys;
    if (good === undefined || bad === undefined || far === undefined) throw new Error("three keys");
    const keys = [good, { ...bad, rollingPeriod: 0 }];
    const partly = await alpha(fromV1(bodyOf({ ...phoneWith(1), keys })));
    expect(partly).toMatchObject({ status: 200, body: { insertedExposures: 1 } });
    expect(partly.body["error"]).toMatch(
      /^1 error occurred:\n\t\* key [01] cannot be imported: invalid interval/,
    );
    const early = { ...phoneWith(1), symptomOnsetInterval: far.rollingStartNumber - 16 * 144 };
    const warned = await alpha(fromV1(bodyOf(early)));
    expect(warned).toMatchObject({
      status: 200,
      body: { insertedExposures: 0, error: "", revisionToken: "" },
    });
    expect(warned.body["warnings"]).toHaveLength(1);
  });
});

describe("answers", () => {
  test("have no header but the API's and HTTP's own, whatever the request brings", async () => {
    const headers = {
      Authorization: "Bearer x",
      Origin: "https://www.example",
      "X-Request-Id": "1",
      "Accept-Encoding": "gzip",
      Cookie: "a=b",
      "If-None-Match": "*",
    };
    const expected = ["connection", "content-length", "content-type", "date", "x-api-version"];
    for (const body of ["", bodyOf(phoneWith(1))]) {
      const answer = await post(port, body, { headers });
      expect(Object.keys(answer.headers).toSorted()).toEqual(expected);
    }
  });
});
