// The key-store reads keys.submitted and decides each key: the first writer of a TEK wins. It writes the key to MongoDB,
// and what it decided to keys.accepted, together with its own progress, in one transaction.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { keysAccepted } from "../../shared/topology.js";
import { aPhone, publish, publishBody } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";

const nowSeconds = Math.floor(Date.now() / 1000);
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["gateway", "key-store"] });
});
afterAll(() => river.stop());

async function insertedTeks(): Promise<string[]> {
  const records = await readStream(river.env, keysAccepted);
  return records.flatMap(({ message }) =>
    message.inserted.map(({ tek }) => Buffer.from(tek ?? []).toString("base64")),
  );
}

test("each key of a publish enters keys.accepted once, in the order of the keys and not of the phone", async () => {
  const phone = aPhone({ nowSeconds });
  const client = publishClient({ urls: river.apiUrls });
  await publish(phone, client, { authority: river.authority, healthAuthorityID: river.appName, nowSeconds });
  const teks = await eventually("14 keys", async () => {
    const found = await insertedTeks();
    return found.length >= 14 && found;
  });
  const sent = phone.keys.map(({ key }) => key);
  expect(new Set(teks)).toEqual(new Set(sent));
  expect(teks).toEqual(
    sent.toSorted((a, b) => Buffer.compare(Buffer.from(a, "base64"), Buffer.from(b, "base64"))),
  );
  client.close();
});

test("the very same request again gets the first answer and changes nothing", async () => {
  const phone = aPhone({ nowSeconds });
  const body = publishBody(phone, {
    authority: river.authority,
    healthAuthorityID: river.appName,
    nowSeconds,
  });
  const client = publishClient({ urls: river.apiUrls });
  const first = await client.publish(body);
  const atOnce = await client.publish(body);
  await eventually("the keys", async () => (await insertedTeks()).includes(phone.keys[0]?.key ?? ""));
  const later = await client.publish(body);
  for (const answer of [first, atOnce, later]) {
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ insertedExposures: 14 });
  }
  const teks = await insertedTeks();
  for (const { key } of phone.keys) expect(teks.filter((tek) => tek === key)).toHaveLength(1);
  client.close();
});

test("known keys without a token are refused", async () => {
  const phone = aPhone({ nowSeconds });
  const client = publishClient({ urls: river.apiUrls });
  const options = { authority: river.authority, healthAuthorityID: river.appName, nowSeconds };
  await publish(phone, client, options);
  await eventually("the keys", async () => (await insertedTeks()).includes(phone.keys[0]?.key ?? ""));
  const answer = await publish({ ...phone, revisionToken: undefined }, client, {
    ...options,
    nowSeconds: nowSeconds - 1,
  });
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({
    code: "missing_revision_token",
    error: "no revision token, but sent existing keys",
  });
  client.close();
});
