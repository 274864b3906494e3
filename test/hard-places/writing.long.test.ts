import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aPhone, publishBody } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { apiKeys } from "./faulty-sockets.js";
import { faultyProcess } from "./faulty-process.js";
import { flood, residentBytesOf } from "./flood.js";

// The same as the last test of writing.stack.test.ts, with the usual limits, for as long as phones would wait.

const faulty = faultyProcess();
const floodSeconds = 120;
/** Until then the engine finds out how much garbage a flood makes. */
const warmSeconds = 30;
const publishesAtOnce = 1500;
/** By how much what is left between collections may grow from one half of the flood to the other. */
const residentBytesMoreMax = 100_000_000;
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["key-store"] });
  await (await river.add("gateway", "gateway", faulty.env)).ready();
});
afterAll(() => river.stop());

/** What a crowd of phones gets that come at once, each by a connection of its own. */
async function crowd(asked: readonly { readonly body: string }[]): Promise<readonly number[]> {
  const client = publishClient({ urls: river.apiUrls, retriesMax: 0, timeoutMs: 60_000 });
  const answers = await flood(client, asked);
  client.close();
  return answers.map(({ status }) => status);
}

function bodies(count: number): { body: string }[] {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { authority, appName: healthAuthorityID } = river;
  return Array.from({ length: count }, () => ({
    body: publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID, nowSeconds }),
  }));
}

test("a flood on a broker that stands still is answered 503 for as long as it lasts, in bounded memory", async () => {
  const { pid } = river.process("gateway");
  expect(await crowd(bodies(1))).toEqual([200]);
  faulty.order({ apiKey: apiKeys.produce, faults: ["lose request"] });
  // Made before: while it signs, the flood would stand still.
  const asked = bodies(publishesAtOnce);
  const statuses: number[] = [];
  const leastBytes = [Infinity, Infinity];
  const startedMs = performance.now();
  for (let second = 0; second < floodSeconds; second = (performance.now() - startedMs) / 1000) {
    statuses.push(...(await crowd(asked)));
    if (second < warmSeconds) continue;
    const half = second < (warmSeconds + floodSeconds) / 2 ? 0 : 1;
    leastBytes[half] = Math.min(leastBytes[half] ?? 0, residentBytesOf(pid));
  }
  expect(new Set(statuses)).toEqual(new Set([503]));
  const [first = 0, second = Infinity] = leastBytes;
  expect(second - first).toBeLessThan(residentBytesMoreMax);
  faulty.heal();
  const patient = publishClient({ urls: river.apiUrls, retriesMax: 100, pauseMsMax: 1000 });
  const after = await Promise.all(bodies(20).map((one) => patient.publish(one.body)));
  patient.close();
  expect(after.map(({ status }) => status)).toEqual(after.map(() => 200));
});
