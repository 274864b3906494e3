import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connectView } from "../../shared/view/connect-view.js";
import { keysAccepted } from "../../shared/topology.js";
import { aPhone, publish, type Phone } from "../phones/phone.js";
import { publishClient, type PublishAnswer, type PublishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";

// A key can be taken for longer than its document stays. With documents that go after a second, every key gets there at
// once.

const nowSeconds = Math.floor(Date.now() / 1000);
let river: River;
let client: PublishClient;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), {
    services: ["gateway", "key-store"],
    settings: { KEYS_RETENTION: "1s", REPEAT_MEMORY: "60s", DEBUG_OVERRIDE_CLEANUP_MIN_DURATION: "true" },
  });
  client = publishClient({ urls: river.apiUrls });
});
afterAll(async () => {
  client.close();
  await river.stop();
});

const say = (phone: Phone, reportType: "likely" | "confirmed" | "negative"): Promise<PublishAnswer> =>
  publish(phone, client, {
    authority: river.authority,
    healthAuthorityID: river.appName,
    reportType,
    nowSeconds,
  });

async function documents(): Promise<number> {
  const mongodbUrl = river.env["TEKSTREAM_MONGODB_URL"] ?? "";
  const view = connectView({ mongodbUrl, prefix: river.prefix, process: "test" });
  try {
    return await view.db.collection("keys").countDocuments();
  } finally {
    await view.stop();
  }
}

test("a key whose document is gone is neither inserted again nor revised, and fails no request", async () => {
  const phone = aPhone({ nowSeconds, seed: "spent", dailyKeys: 13 });
  expect((await say(phone, "likely")).body).toMatchObject({ insertedExposures: 13 });
  await eventually("the keys to be accepted", async () => (await insertedTeks()).length === 13);
  await eventually("the documents to go", async () => (await documents()) === 0);

  const withToken = await say(phone, "negative");
  expect(withToken).toMatchObject({ status: 200 });
  expect(withToken.body?.insertedExposures).toBeUndefined();
  expect(withToken.body?.warnings).toEqual([
    "keys published before and too old to be revised: 13 - ignoring them",
  ]);

  // The same keys and one more, from a phone that has no token.
  const other = aPhone({ nowSeconds, seed: "spent", dailyKeys: 14 });
  const again = await say(other, "confirmed");
  expect(again).toMatchObject({ status: 200, body: { insertedExposures: 1 } });
  await eventually("the new key", async () => (await insertedTeks()).length >= 14);
  expect((await insertedTeks()).toSorted()).toEqual(other.keys.map(({ key }) => key).toSorted());
  const revised = (await readStream(river.env, keysAccepted)).flatMap(({ message }) => message.revised);
  expect(revised).toEqual([]);
});

async function insertedTeks(): Promise<string[]> {
  const records = await readStream(river.env, keysAccepted);
  return records
    .flatMap(({ message }) => message.inserted)
    .map(({ tek }) => Buffer.from(tek ?? []).toString("base64"));
}
