// A likely diagnosis is confirmed, or turns out to be none. The phone sends the same keys again with the token it was
// given, at once if it likes: the gateway waits until the view has what the token points at. Each key is revised once.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aPhone, publish, type Phone } from "../phones/phone.js";
import { publishClient, type PublishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";

const nowSeconds = Math.floor(Date.now() / 1000);
let river: River;
let client: PublishClient;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
  client = publishClient({ urls: river.apiUrls });
});
afterAll(async () => {
  client.close();
  await river.stop();
});

const say = (phone: Phone, reportType: "likely" | "confirmed" | "negative") =>
  publish(phone, client, {
    authority: river.authority,
    healthAuthorityID: river.appName,
    reportType,
    nowSeconds,
  });

test("a revision with the fresh token is exported once, and a second one is refused", async () => {
  const phone = aPhone({ nowSeconds });
  expect((await say(phone, "likely")).status).toBe(200);
  expect((await say(phone, "confirmed")).status).toBe(200);
  const refused = await say(phone, "negative");
  expect(refused.body).toMatchObject({ code: "key_already_revised" });
  const reader = await river.reader();
  const tek = phone.keys[0]?.key ?? "";
  const read = await eventually("the revision", async () => {
    const all = await reader.readNew();
    return all.revised.has(tek) && all;
  });
  expect(read.keys.get(tek)).toMatchObject([{ reportType: 2 }]);
  expect(read.revised.get(tek)).toMatchObject([{ reportType: 1, transmissionRisk: 2 }]);
});

test("fifty phones publish and revise at once, and every revision finds its key", async () => {
  const phones = Array.from({ length: 50 }, () => aPhone({ nowSeconds, dailyKeys: 3 }));
  const answers = await Promise.all(
    phones.map(async (phone) => [await say(phone, "likely"), await say(phone, "confirmed")]),
  );
  expect(answers.flat().map(({ status }) => status)).toEqual(answers.flat().map(() => 200));
});

test("of two phones that race with one key one wins, and the loser's token opens nothing", async () => {
  const [winner, loser] = [
    aPhone({ nowSeconds, seed: "race" }),
    aPhone({ nowSeconds, seed: "race", dailyKeys: 14 }),
  ];
  const [first, second] = await Promise.all([say(winner, "likely"), say(loser, "likely")]);
  expect([first.status, second.status].toSorted((a, b) => a - b)[0]).toBe(200);
  const revisions = [await say(winner, "confirmed"), await say(loser, "confirmed")];
  expect(revisions.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400]);
});
