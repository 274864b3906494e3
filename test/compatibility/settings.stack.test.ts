import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Phone } from "../phones/phone.js";
import { eventually } from "../river/eventually.js";
import { aSampleDeployment, type SampleDeployment } from "./a-sample-deployment.js";
import { bodyOf, phoneWith, published, storedOf, untilStored } from "./a-sample-phone.js";
import { post, type PostAnswer } from "./post.js";
import { sampleSeconds } from "./sample-time.js";

// What settings change, and how revision tokens fare, by the reference server's facts. Each gateway runs inside the
// test, on the real stack.

let deployment: SampleDeployment;
/** A gateway with defaults. */
let port: number;

beforeAll(async () => {
  deployment = await aSampleDeployment(inject("endpoints"));
  port = await deployment.gateway();
});
afterAll(() => deployment.stop());

describe("settings", () => {
  test("have padding as the settings say", async () => {
    const other = await deployment.gateway({ RESPONSE_PADDING_MIN_BYTES: "10", RESPONSE_PADDING_RANGE: "1" });
    expect((await post(other, "")).body["padding"]).toHaveLength(16);
  });

  test("give tenants without regions a default one, in upper case", async () => {
    const other = await deployment.gateway({ DEFAULT_REGION: "mx" });
    const phone = phoneWith(1);
    const body = bodyOf(phone, { healthAuthorityID: "noregion" });
    expect(await post(port, body)).toMatchObject({ status: 500 });
    expect(await post(other, body)).toMatchObject({ status: 200 });
    const [key] = await untilStored(deployment, phone, () => true);
    expect(key?.regions).toEqual(["MX"]);
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
    await Promise.all([published(deployment, port, mine), published(deployment, port, elder)]);
    const both = { ...mine, keys: [...mine.keys, ...elder.keys] };
    const refused = await post(port, bodyOf(both, { reportType: "confirmed" }));
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_revision_token" } });
    const partly = await post(other, bodyOf(both, { reportType: "confirmed" }));
    expect(partly.status).toBe(200);
    await untilStored(deployment, mine, ({ revision }) => revision !== undefined);
    expect((await storedOf(deployment, elder)).map(({ revision }) => revision)).toEqual([undefined]);
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
    const [few, many] = await Promise.all([
      published(deployment, port, phoneWith(1)),
      published(deployment, port, phoneWith(14)),
    ]);
    expect(String(few.body["revisionToken"])).toHaveLength(String(many.body["revisionToken"]).length);
  });

  test("are as long as the settings say", async () => {
    const other = await deployment.gateway({ REVISION_TOKEN_MIN_LENGTH: "5" });
    const [few, many, one] = await Promise.all([
      published(deployment, other, phoneWith(1)),
      published(deployment, other, phoneWith(5)),
      published(deployment, port, phoneWith(1)),
    ]);
    const lengths = [few, many, one].map(({ body }) => String(body["revisionToken"]).length);
    expect(lengths[0]).toBe(lengths[1]);
    expect(lengths[0]).toBeLessThan(lengths[2] ?? 0);
  });

  test("of an older data key are good until it is retired", async () => {
    const phones = [phoneWith(1), phoneWith(1)];
    for (const phone of phones) await published(deployment, port, phone);
    const week = 168 * 3600;
    const second = await deployment.gateway({}, week);
    const [first, late] = phones.map((phone) => ({ ...phone }));
    if (first === undefined || late === undefined) throw new Error("two phones");
    const ask = (to: number, phone: Phone, laterSeconds: number): Promise<PostAnswer> =>
      post(to, bodyOf(phone, { reportType: "confirmed", nowSeconds: sampleSeconds + laterSeconds }));
    expect(await ask(second, first, week)).toMatchObject({ status: 200 });
    // Keys and onset would be too old by then.
    const limits = { MAX_INTERVAL_AGE_ON_PUBLISH: "1000h", DEFAULT_SYMPTOM_ONSET_DAYS_AGO: "22" };
    const third = await deployment.gateway(limits, week + 360 * 3600);
    expect(await ask(third, late, week + 360 * 3600)).toMatchObject({
      status: 400,
      body: { code: "invalid_revision_token" },
    });
  });
});
