import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Redis } from "ioredis";
import { afterAll, expect, inject, test } from "vitest";
import { parseMasterKey } from "../../shared/secrets/master-key.js";
import { aSlowWay } from "../../test/faults/slow-way.js";
import { eventually } from "../../test/river/eventually.js";
import { NetworkLimit, type NetworkLimitOptions } from "./network-limit.js";

// The gate alone, on the real Redis. Requests are told by what the gate looks at: the connection's address and the
// proxies' header.

const { redis } = inject("endpoints");
const reader = new Redis(redis.url);
const masterKey = parseMasterKey(randomBytes(32).toString("base64"));
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  reader.disconnect();
  await Promise.all(stops.map((stop) => stop()));
});

async function aLimit(changes: Partial<NetworkLimitOptions> = {}) {
  const told: string[] = [];
  const prefix = `t-${randomBytes(5).toString("hex")}`;
  const limit = new NetworkLimit({
    redisUrl: redis.url,
    prefix,
    masterKey,
    requestsMax: 2,
    windowSeconds: 100,
    trustedProxies: 0,
    nowSeconds: () => 86_400,
    answerMsMax: 60_000,
    events: {
      limited: () => told.push("limited"),
      limitAway: () => told.push("away"),
      limitBack: () => told.push("back"),
    },
    ...changes,
  });
  stops.push(() => limit.stop());
  const ask = async (remoteAddress: string, headers: Record<string, string> = {}, path = "/v1/publish") => {
    const request = { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
    return (await limit.gate(request, { requestId: "", path, arrivedAtMs: 0 }))?.status ?? "passed";
  };
  return { limit, told, prefix, ask };
}

/** A limit that counts. Until its connection stands, everything passes. */
async function aConnectedLimit(changes: Partial<NetworkLimitOptions> = {}) {
  const limited = await aLimit(changes);
  await eventually("the connection", async () => {
    await limited.ask("198.51.100.1");
    const counters = await reader.keys(`${limited.prefix}*`);
    return counters.length > 0 && reader.del(counters);
  });
  return limited;
}

test("a network that has had its requests is told to wait, and others pass", async () => {
  const { ask, told, limit } = await aConnectedLimit();
  expect([await ask("192.0.2.1"), await ask("192.0.2.2")]).toEqual(["passed", "passed"]);
  const request = { socket: { remoteAddress: "192.0.2.3" }, headers: {} } as unknown as IncomingMessage;
  const refused = await limit.gate(request, { requestId: "", path: "/", arrivedAtMs: 0 });
  expect(refused).toMatchObject({ status: 429, body: '{"error": "please try again later"}' });
  expect(refused?.headers["Retry-After"]).toBeGreaterThan(50);
  expect(refused?.headers["Retry-After"]).toBeLessThanOrEqual(100);
  expect(await ask("192.0.3.1")).toBe("passed");
  expect(told).toContain("limited");
});

test("health checks are not counted", async () => {
  const { ask } = await aConnectedLimit({ requestsMax: 1 });
  for (let count = 0; count < 4; count += 1) expect(await ask("192.0.2.1", {}, "/health")).toBe("passed");
});

test("the proxies' header counts only as far as proxies are trusted", async () => {
  const spoofed = (count: number) => ({ "x-forwarded-for": `203.0.${count}.1` });
  const { ask: plain } = await aConnectedLimit({ requestsMax: 1 });
  expect([await plain("192.0.2.1", spoofed(1)), await plain("192.0.2.1", spoofed(2))]).toEqual([
    "passed",
    429,
  ]);
  const { ask: proxied } = await aConnectedLimit({ requestsMax: 1, trustedProxies: 1 });
  expect([await proxied("10.0.0.1", spoofed(1)), await proxied("10.0.0.1", spoofed(2))]).toEqual([
    "passed",
    "passed",
  ]);
});

test("Redis holds no address, and another name for the network on another day", async () => {
  let nowSeconds = 86_400;
  const { ask, prefix } = await aConnectedLimit({ nowSeconds: () => nowSeconds });
  const names = (): Promise<string[]> => reader.keys(`${prefix}*`);
  await ask("192.0.2.1");
  const [first] = await names();
  expect(first).not.toMatch(/192|0\.2|c00002/);
  nowSeconds += 86_400;
  await ask("192.0.2.1");
  expect(new Set(await names()).size).toBe(2);
  for (const name of await names()) expect(await reader.ttl(name)).toBeGreaterThan(0);
});

test("while Redis stands still everything passes, and afterwards it is counted again", async () => {
  const way = await aSlowWay(redis.url);
  stops.push(async () => way.stop());
  const { ask, told } = await aConnectedLimit({ redisUrl: way.url, requestsMax: 1, answerMsMax: 2000 });
  way.delay(3_600_000);
  expect([await ask("192.0.2.1"), await ask("192.0.2.1")]).toEqual(["passed", "passed"]);
  expect(told).toContain("away");
  way.delay(0);
  // What was asked while it stood still never comes back: that connection is given up.
  await eventually("the limit", async () => (await ask("192.0.2.1")) === 429);
  expect(told.lastIndexOf("back")).toBeGreaterThan(told.lastIndexOf("away"));
});

test("while Redis is away everything passes, soon", async () => {
  const { ask, told } = await aLimit({ redisUrl: "redis://127.0.0.1:1", requestsMax: 1 });
  const startedAtMs = performance.now();
  for (let count = 0; count < 3; count += 1) expect(await ask("192.0.2.1")).toBe("passed");
  expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  await eventually("the outage to be told", async () => told.includes("away"));
  expect(told.filter((event) => event === "away")).toHaveLength(1);
});
