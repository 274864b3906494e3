// A phone whose owner tested positive sends its keys with a certificate of its health authority. The gateway checks
// all of it, and writes one record to keys.submitted: what the certificate proves, and nothing that could tell who
// the phone is. Only then does it answer.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { keysSubmitted } from "../../shared/topology.js";
import { aPhone, publish, publishBody } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { readStream } from "../river/read-topic.js";

const nowSeconds = Math.floor(Date.now() / 1000);
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["gateway"] });
});
afterAll(() => river.stop());

test("a publish is answered 200 and lies in the log, as what it proves", async () => {
  const phone = aPhone({ nowSeconds, seed: "tour" });
  const client = publishClient({ urls: river.apiUrls });
  const options = { authority: river.authority, healthAuthorityID: river.appName, nowSeconds };

  const answer = await publish(phone, client, options);

  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ insertedExposures: 14 });
  expect(phone.revisionToken).toBeDefined();
  const [record] = await readStream(river.env, keysSubmitted);
  expect(record?.message).toMatchObject({
    app: river.appName,
    healthAuthorityId: "doh",
    regions: ["US"],
    traveler: false,
  });
  expect(record?.message.keys).toHaveLength(14);
  const bytes = JSON.stringify(record?.message);
  const secrets = [
    publishBody(phone, options).slice(0, 40),
    Buffer.from(phone.hmacSecret).toString("base64"),
  ];
  for (const secret of secrets) expect(bytes).not.toContain(secret);
  client.close();
});

test("a request with a certificate of somebody else leaves no trace", async () => {
  const before = (await readStream(river.env, keysSubmitted)).length;
  const client = publishClient({ urls: river.apiUrls });
  const authority = { ...river.authority, issuer: "somebody.else" };
  const answer = await publish(aPhone({ nowSeconds }), client, {
    authority,
    healthAuthorityID: river.appName,
    nowSeconds,
  });
  expect(answer.status).toBe(401);
  expect(answer.body).toMatchObject({
    code: "health_authority_verification_certificate_invalid",
    error: "unable to validate diagnosis verification: issuer not found: somebody.else",
  });
  expect((await readStream(river.env, keysSubmitted)).length).toBe(before);
  client.close();
});
