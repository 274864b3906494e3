import { afterEach, expect, test } from "vitest";
import { aServer, json } from "./a-server.js";
import { publishClient } from "./publish-client.js";
import type { PublishClient, PublishClientOptions } from "./publish-client.js";

const clients: PublishClient[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.close()));

function aClient(url: string, changes: Partial<PublishClientOptions> = {}): PublishClient {
  const client = publishClient({ urls: [url], timeoutMs: 20_000, backoffMs: 1, ...changes });
  clients.push(client);
  return client;
}

test("a 503 is repeated with the very same body", async () => {
  await using server = await aServer((response, n) =>
    n < 2 ? json(response, 503, {}) : json(response, 200, { insertedExposures: 14 }),
  );
  const answer = await aClient(server.url).publish('{"a":1}');
  expect(answer).toMatchObject({ status: 200, body: { insertedExposures: 14 } });
  expect(answer.attempts.map((attempt) => attempt.outcome)).toEqual(["answered", "answered", "answered"]);
  expect(server.bodies).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
});

test("Retry-After is honoured, up to a limit", async () => {
  await using server = await aServer((response, n) =>
    n === 0 ? json(response, 503, {}, { "retry-after": "30" }) : json(response, 200, {}),
  );
  const answer = await aClient(server.url, { pauseMsMax: 300 }).publish("{}");
  expect(answer.status).toBe(200);
  expect(answer.seconds).toBeGreaterThan(0.29);
  expect(answer.seconds).toBeLessThan(20);
});

test("a lost connection is repeated", async () => {
  await using server = await aServer((response, n) => {
    if (n === 0) response.destroy();
    else if (n === 1)
      response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy());
    else json(response, 200, {});
  });
  const answer = await aClient(server.url).publish("{}");
  expect(answer.status).toBe(200);
  expect(answer.attempts.map((attempt) => attempt.outcome)).toEqual([
    "connection_lost",
    "connection_lost",
    "answered",
  ]);
});

test("a server that never answers runs into the time limit", async () => {
  await using server = await aServer(() => {});
  const answer = await aClient(server.url, { timeoutMs: 50, retriesMax: 1 }).publish("{}");
  expect(answer).toMatchObject({ status: 0, body: undefined });
  expect(answer.attempts.map((attempt) => attempt.outcome)).toEqual(["timeout", "timeout"]);
});

test("an answer that stops half way runs into the time limit", async () => {
  await using server = await aServer((response) => {
    response.writeHead(200, { "content-length": 100 }).write("half");
  });
  const answer = await aClient(server.url, { timeoutMs: 50, retriesMax: 0 }).publish("{}");
  expect(answer.attempts.map((attempt) => attempt.outcome)).toEqual(["timeout"]);
});

test.each([400, 401, 413, 429, 500])("a %i is final", async (status) => {
  await using server = await aServer((response) => json(response, status, { code: "x" }));
  const answer = await aClient(server.url).publish("{}");
  expect(answer).toMatchObject({ status, body: { code: "x" } });
  expect(server.bodies).toHaveLength(1);
});

test("a server that is not there is given up after the retries", async () => {
  const answer = await aClient("http://127.0.0.1:9", { retriesMax: 2 }).publish("{}");
  expect(answer.status).toBe(0);
  expect(answer.attempts).toHaveLength(3);
});

test("attempts go round the servers", async () => {
  await using broken = await aServer((response) => json(response, 503, {}));
  await using sound = await aServer((response) => json(response, 200, {}));
  const answer = await aClient(broken.url, { urls: [broken.url, sound.url] }).publish("{}");
  expect([answer.status, broken.bodies.length, sound.bodies.length]).toEqual([200, 1, 1]);
});

test("one connection carries many publishes", async () => {
  const ports = new Set<number | undefined>();
  await using server = await aServer((response, _, request) => {
    ports.add(request.socket.remotePort);
    json(response, 200, {});
  });
  const client = aClient(server.url);
  for (let turn = 0; turn < 5; turn++) await client.publish("{}");
  expect(ports.size).toBe(1);
});

test("an answer that is no JSON object has no body", async () => {
  await using server = await aServer((response) => response.end("<html>"));
  expect(await aClient(server.url).publish("{}")).toMatchObject({ status: 200, body: undefined });
});
