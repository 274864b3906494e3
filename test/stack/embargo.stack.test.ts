import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connectView } from "../../shared/view/connect-view.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import { aPhone, publish } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";

let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
});
afterAll(() => river.stop());

test("a key that is still usable on air is held back until after its end, the others leave", async () => {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const phone = aPhone({ nowSeconds, includingToday: true });
  const client = publishClient({ urls: river.apiUrls });
  await publish(phone, client, { authority: river.authority, healthAuthorityID: river.appName, nowSeconds });
  client.close();
  const [today, ...earlier] = phone.keys;
  const held = await eventually("the embargoed key", async () => {
    const records = await readStream(river.env, keysEmbargoed);
    return records.flatMap(({ message }) => message.inserted)[0];
  });
  const endSeconds = ((today?.rollingStartNumber ?? 0) + 144) * 600;
  expect(Buffer.from(held.tek ?? []).toString("base64")).toBe(today?.key);
  expect(held.releaseSeconds).toBe(endSeconds + 3600);
  // What one transaction wrote is to be seen in one topic a moment before the other.
  const open = await eventually("the open keys", async () => {
    const records = await readStream(river.env, keysAccepted);
    const inserted = records.flatMap(({ message }) => message.inserted);
    return inserted.length > 0 && inserted;
  });
  expect(open).toHaveLength(13);

  const exports = await river.reader();
  const read = await eventually("the other keys", async () => {
    const all = await exports.readNew();
    return all.keys.has(earlier[0]?.key ?? "") && all;
  });
  expect(read.keys.size).toBe(13);
  expect(read.keys.has(today?.key ?? "")).toBe(false);

  const view = connectView({
    mongodbUrl: river.env["TEKSTREAM_MONGODB_URL"] ?? "",
    prefix: river.prefix,
    process: "test",
  });
  const stored = await view.db
    .collection("keys")
    .countDocuments({ createdAt: new Date((endSeconds + 3600) * 1000) });
  expect(stored).toBe(1);
  await view.stop();
});
