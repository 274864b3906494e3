import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { aServer, json } from "./a-server.js";
import { publishCrowd } from "./crowd.js";
import type { CrowdOptions } from "./crowd.js";
import { aHealthAuthority } from "./health-authority.js";
import { publishClient } from "./publish-client.js";
import type { PublishClient } from "./publish-client.js";

const clients: PublishClient[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.close()));

function aCrowd(url: string, changes: Partial<CrowdOptions> = {}): CrowdOptions {
  const client = publishClient({ urls: [url], backoffMs: 1, retriesMax: 1 });
  clients.push(client);
  const authority = aHealthAuthority();
  const common = { client, authority, healthAuthorityID: "gov.example.app", regions: ["US"], seed: 1 };
  return { phones: 20, concurrency: 4, ...common, ...changes };
}

test.each(["before", "on the way"] as const)("every phone publishes once, prepared %s", async (prepare) => {
  const progress: number[] = [];
  await using server = await aServer((response, n) => json(response, 200, { revisionToken: `token ${n}` }));
  const onProgress = ({ done }: { done: number }) => progress.push(done);
  const result = await publishCrowd(aCrowd(server.url, { prepare, onProgress }));
  expect(new Set(server.bodies).size).toBe(20);
  expect(result).toMatchObject({ statuses: { 200: 20 }, retries: 0, keysAcknowledged: 280 });
  expect(result.phones.every((phone) => phone.revisionToken?.startsWith("token"))).toBe(true);
  expect(result.ledger.acknowledged.size).toBe(280);
  expect(progress).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test("no more publishes are under way than the concurrency allows", async () => {
  const waiting: ServerResponse[] = [];
  let most = 0;
  await using server = await aServer((response) => {
    most = Math.max(most, waiting.push(response));
    // Four come together, and one more would find them waiting.
    if (waiting.length === 4) setTimeout(() => waiting.splice(0).forEach((one) => json(one, 200, {})), 5);
  });
  await publishCrowd(aCrowd(server.url));
  expect(most).toBe(4);
});

test("a steady rate spreads the publishes, and latency counts from a phone's turn", async () => {
  await using server = await aServer((response) => void setTimeout(() => json(response, 200, {}), 40));
  const { seconds, latencySeconds } = await publishCrowd(
    aCrowd(server.url, { concurrency: 1, perSecond: 100 }),
  );
  expect(seconds).toBeGreaterThan(0.79);
  // The last of twenty phones wanted to publish after 0.19 s and got its answer after 0.8 s.
  expect(latencySeconds.max).toBeGreaterThan(0.5);
  expect(latencySeconds.p50).toBeLessThan(latencySeconds.p99);
});

test("a slow rate is kept to", async () => {
  await using server = await aServer((response) => json(response, 200, {}));
  const { seconds } = await publishCrowd(aCrowd(server.url, { phones: 10, perSecond: 50 }));
  expect(seconds).toBeGreaterThan(0.17);
});

test("what was refused or never answered is not acknowledged", async () => {
  await using server = await aServer((response, n) => {
    if (n % 2 === 0) json(response, 400, { code: "bad_request" });
    else json(response, 503, {});
  });
  const result = await publishCrowd(aCrowd(server.url, { phones: 2, concurrency: 1 }));
  expect(result.keysAcknowledged).toBe(0);
});

test("an aborted crowd starts no further publish", async () => {
  const stop = new AbortController();
  await using server = await aServer((response) => json(response, 200, {}));
  const onProgress = () => stop.abort();
  await publishCrowd(aCrowd(server.url, { concurrency: 1, signal: stop.signal, onProgress }));
  expect(server.bodies).toHaveLength(1);
});
