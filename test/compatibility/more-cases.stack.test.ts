import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { aHealthAuthority, type ReportType } from "../phones/health-authority.js";
import { aPhone, publishBody, type Phone, type PublishOptions } from "../phones/phone.js";
import { eventually } from "../river/eventually.js";
import { aSampleDeployment, type SampleDeployment } from "./a-sample-deployment.js";
import { post, type PostAnswer } from "./post.js";
import { sampleSeconds } from "./sample-time.js";

// Cases of the same kinds as the recorded samples, made from the reference server's facts: what no sample shows, and
// what settings and the configuration change. Each gateway runs inside the test, on the real stack.

const privatePem = readFileSync(
  new URL("../vectors/verification/keys/ha-v1.private.pem", import.meta.url),
  "utf8",
);
const authority = aHealthAuthority({ privatePem });
const rejected = "unable to validate diagnosis verification: ";
let deployment: SampleDeployment;
/** A gateway with defaults, and v1alpha1. */
let port: number;

beforeAll(async () => {
  deployment = await aSampleDeployment(inject("endpoints"));
  port = await deployment.gateway({ ENABLE_V1ALPHA1_API: "true" });
  deployment.clock.setGoing();
});
afterAll(() => deployment.stop());

function bodyOf(phone: Phone, changes: Partial<PublishOptions> = {}): Record<string, unknown> {
  const options = { authority, healthAuthorityID: "gov.example.app", nowSeconds: sampleSeconds, ...changes };
  return JSON.parse(publishBody(phone, options)) as Record<string, unknown>;
}

/** A phone with `dailyKeys` keys whose symptoms began three days ago. */
function phoneWith(dailyKeys: number): Phone {
  return aPhone({ nowSeconds: sampleSeconds, dailyKeys, symptomOnsetDaysAgo: 3 });
}

async function storedOf(phone: Phone) {
  const stored = await deployment.stored(phone.keys.map(({ key }) => key));
  return [...stored.values()];
}

/** Publishes, and waits until key-store has the keys. */
async function published(phone: Phone, reportType: ReportType = "likely", to = port): Promise<PostAnswer> {
  const answer = await post(to, bodyOf(phone, { reportType }));
  expect(answer.status).toBe(200);
  phone.revisionToken = String(answer.body["revisionToken"]);
  await eventually("the keys", async () => (await storedOf(phone)).length === phone.keys.length, 10);
  return answer;
}

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
    await eventually("the app", async () => (await ask()).status === 200, 5);
  });

  test("accept the certificates of their health authorities only", async () => {
    const name = "gov.other.app";
    await deployment.put("authorized-app", name, { authorizedApp: { name, regions: ["US"] } });
    const error = `${rejected}app ${name} has not authorized health authority issuer: gov.example.doh`;
    await eventually(
      "the app to be known",
      async () =>
        (await post(port, bodyOf(phoneWith(1), { healthAuthorityID: name }))).body["error"] === error,
      5,
    );
  });

  test("that need no certificate may send a bad one, which then says nothing", async () => {
    const phone = phoneWith(1);
    const { verificationPayload: _, ...rest } = bodyOf(phone, { healthAuthorityID: "gov.bypass.app" });
    const answer = await post(port, { ...rest, verificationPayload: "a.b.c" });
    expect(answer).toMatchObject({ status: 200, body: { insertedExposures: 1 } });
    await eventually("the key", async () => (await storedOf(phone)).length === 1, 10);
    expect((await storedOf(phone))[0]).toMatchObject({ reportType: "", transmissionRisk: 0 });
    expect((await storedOf(phone))[0]?.healthAuthorityId).toBeUndefined();
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
    await eventually("the answer", async () => (await ask()).body["error"] === noKey, 5);
  });

  test("of several versions are good at once, and another authority may revise", async () => {
    const keys = [{ ...key, version: "v0", publicKeyPem: authority.publicPem }, key];
    await deployment.put("health-authority", "2", { healthAuthority: { ...names, keys } });
    await eventually("the key", async () => (await ask()).status === 200, 5);
    const phone = phoneWith(2);
    await published(phone, "likely");
    const revised = await post(port, bodyOf(phone, { authority: other, healthAuthorityID: app.name }));
    expect(revised.status).toBe(200);
    await eventually(
      "the revision",
      async () => (await storedOf(phone)).every(({ revision }) => revision),
      10,
    );
    expect((await storedOf(phone)).map(({ revision }) => revision?.healthAuthorityId)).toEqual(["2", "2"]);
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
    await eventually("the answer", async () => (await alpha(body)).status === 200, 5);
    await eventually("the key", async () => (await storedOf(phone)).length === 1, 10);
    expect((await storedOf(phone))[0]).toMatchObject({
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
    await published(phone);
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

  test("have padding as the settings say", async () => {
    const other = await deployment.gateway({ RESPONSE_PADDING_MIN_BYTES: "10", RESPONSE_PADDING_RANGE: "1" });
    expect((await post(other, "")).body["padding"]).toHaveLength(16);
  });
});

describe("settings", () => {
  test("give tenants without regions a default one, in upper case", async () => {
    const other = await deployment.gateway({ DEFAULT_REGION: "mx" });
    const phone = phoneWith(1);
    const body = bodyOf(phone, { healthAuthorityID: "noregion" });
    expect(await post(port, body)).toMatchObject({ status: 500 });
    expect(await post(other, body)).toMatchObject({ status: 200 });
    await eventually("the key", async () => (await storedOf(phone)).length === 1, 10);
    expect((await storedOf(phone))[0]?.regions).toEqual(["MX"]);
  });

  test("bound the number of keys, and of keys with one start", async () => {
    const other = await deployment.gateway({ MAX_KEYS_ON_PUBLISH: "2", MAX_SAME_START_INTERVAL_KEYS: "1" });
    const three = await post(other, bodyOf(phoneWith(3)));
    expect(three.body["error"]).toBe(
      "unable to read request data: too many exposure keys in publish: 3, max of 2 is allowed",
    );
    const [a, b] = [phoneWith(1).keys[0], phoneWith(1).keys[0]];
    if (a === undefined || b === undefined) throw new Error("two keys");
    const twins = await post(other, bodyOf({ ...phoneWith(1), keys: [a, b] }));
    expect(twins.body["error"]).toBe(
      `unable to read request data: too many overlapping keys for start interval: ${a.rollingStartNumber} want: <= 1, got: 2`,
    );
  });

  test("let a request with some keys that its token does not cover go on without them", async () => {
    const other = await deployment.gateway({ ALLOW_PARTIAL_REVISIONS: "true" });
    const [mine, foreign] = [phoneWith(2), phoneWith(1)];
    const days = foreign.keys.map((key) => ({
      ...key,
      rollingStartNumber: key.rollingStartNumber - 3 * 144,
    }));
    const elder = { ...foreign, keys: days };
    await Promise.all([published(mine), published(elder)]);
    const both = { ...mine, keys: [...mine.keys, ...elder.keys] };
    const refused = await post(port, bodyOf(both, { reportType: "confirmed" }));
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_revision_token" } });
    const partly = await post(other, bodyOf(both, { reportType: "confirmed" }));
    expect(partly.status).toBe(200);
    await eventually(
      "the revision",
      async () => (await storedOf(mine)).every(({ revision }) => revision),
      10,
    );
    expect((await storedOf(elder)).map(({ revision }) => revision)).toEqual([undefined]);
  });

  test("limit the requests of a network, and let health checks pass", async () => {
    const other = await deployment.gateway({ PUBLISH_LIMIT: "2" });
    await eventually("Redis", async () => (await post(other, "")).status === 429, 10);
    const { headers, body } = await post(other, "");
    expect(body).toEqual({ error: "please try again later" });
    expect(headers["retry-after"]).toMatch(/^[0-9]+$/);
    expect((await fetch(`http://127.0.0.1:${other}/health`)).status).toBe(200);
  });
});

describe("revision tokens", () => {
  test("have one length for 1 to 28 keys", async () => {
    const [few, many] = await Promise.all([published(phoneWith(1)), published(phoneWith(14))]);
    expect(String(few.body["revisionToken"])).toHaveLength(String(many.body["revisionToken"]).length);
  });

  test("are as long as the settings say", async () => {
    const other = await deployment.gateway({ REVISION_TOKEN_MIN_LENGTH: "5" });
    const [few, many, one] = await Promise.all([
      published(phoneWith(1), "likely", other),
      published(phoneWith(5), "likely", other),
      published(phoneWith(1)),
    ]);
    const lengths = [few, many, one].map(({ body }) => String(body["revisionToken"]).length);
    expect(lengths[0]).toBe(lengths[1]);
    expect(lengths[0]).toBeLessThan(lengths[2] ?? 0);
  });

  test("of an older data key are good until it is retired", async () => {
    const phones = [phoneWith(1), phoneWith(1)];
    for (const phone of phones) await published(phone);
    const week = 168 * 3600;
    const second = await deployment.gateway({}, week);
    const [first, late] = phones.map((phone) => ({ ...phone }));
    if (first === undefined || late === undefined) throw new Error("two phones");
    const ask = (to: number, phone: Phone, laterSeconds: number): Promise<PostAnswer> =>
      post(to, bodyOf(phone, { reportType: "confirmed", nowSeconds: sampleSeconds + laterSeconds }));
    expect(await ask(second, first, week)).toMatchObject({ status: 200 });
    // Keys and onset would be too old by then.
    const limits = { MAX_INTERVAL_AGE_ON_PUBLISH: "1000h", MAX_SYMPTOM_ONSET_DAYS: "100" };
    const third = await deployment.gateway(limits, week + 360 * 3600);
    expect(await ask(third, late, week + 360 * 3600)).toMatchObject({
      status: 400,
      body: { code: "invalid_revision_token" },
    });
  });
});
