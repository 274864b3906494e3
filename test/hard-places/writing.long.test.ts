import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aPhone, publishBody } from "../phones/phone.js";
import { publishClient, type PublishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { apiKeys } from "./faulty-sockets.js";
import { faultyProcess } from "./faulty-process.js";
import { flood, residentBytesOf } from "./flood.js";

// The same as the last test of writing.stack.test.ts, with the usual limits, for as long as phones would wait.

const faulty = faultyProcess();
const floodSeconds = 90;
const publishesAtOnce = 1500;
/** Three partitions with 8 MB each in their queues, those in flight, and what the engine has not collected yet. */
const residentBytesMax = 400_000_000;
let river: River;
let client: PublishClient;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["key-store"] });
  await (await river.add("gateway", "gateway", faulty.env)).ready();
  client = publishClient({ urls: river.apiUrls, retriesMax: 0, timeoutMs: 60_000 });
});
afterAll(async () => {
  client.close();
  await river.stop();
});

function bodies(count: number): { body: string }[] {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { authority, appName: healthAuthorityID } = river;
  return Array.from({ length: count }, () => ({
    body: publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID, nowSeconds }),
  }));
}

test("a flood on a broker that stands still is answered 503 for as long as it lasts, in bounded memory", async () => {
  const { pid } = river.process("gateway");
  const [{ body } = { body: "" }] = bodies(1);
  expect((await client.publish(body)).status).toBe(200);
  faulty.order({ apiKey: apiKeys.produce, faults: ["lose request"] });
  const statuses: number[] = [];
  let residentBytes = 0;
  const deadline = performance.now() + floodSeconds * 1000;
  while (performance.now() < deadline) {
    const answers = await flood(client, bodies(publishesAtOnce));
    statuses.push(...answers.map(({ status }) => status));
    residentBytes = Math.max(residentBytes, residentBytesOf(pid));
  }
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect(residentBytes).toBeLessThan(residentBytesMax);
  faulty.heal();
  const patient = publishClient({ urls: river.apiUrls, retriesMax: 100, pauseMsMax: 1000 });
  const after = await Promise.all(bodies(20).map((one) => patient.publish(one.body)));
  patient.close();
  expect(after.map(({ status }) => status)).toEqual(after.map(() => 200));
});
