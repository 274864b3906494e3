import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { aGatewayServer, aSlowRoute } from "./a-gateway-server.test-support.js";
import { inMaintenance, type Reply } from "./reply.js";
import type { Route } from "./route.js";
import type { GatewayServerOptions } from "./server.js";

// The server alone, with routes made for the test, over real connections.

const answered: Route = async (request) => ({ status: 200, headers: {}, body: request.method ?? "" });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function aServer(changes: Partial<GatewayServerOptions> = {}) {
  const server = await aGatewayServer({ routes: new Map([["/a", answered]]), ...changes });
  stops.push(server.stop);
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

/** Sends a request with the path exactly as given; no redirect is followed. */
async function send(port: number, path: string, method = "POST"): Promise<Reply> {
  const request = httpRequest({ port, path, method, host: "127.0.0.1" }).end();
  const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage];
  const body = (await response.toArray()).join("");
  return { status: response.statusCode ?? 0, headers: response.headers as Reply["headers"], body };
}

test.each(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s reaches a route", async (method) => {
  const { port } = await aServer();
  expect(await send(port, "/a", method)).toMatchObject({ status: 200, body: method });
});

test.each(["/a/", "/A", "/b", "/", "/%zz"])("%s is no route's path", async (path) => {
  const { port } = await aServer();
  const { status, headers, body } = await send(port, path);
  expect({ status, body }).toEqual({ status: 404, body: "404 page not found\n" });
  expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(headers["x-content-type-options"]).toBe("nosniff");
});

test("a path with extra slashes is sent to its clean spelling", async () => {
  const { port } = await aServer();
  const { status, headers, body } = await send(port, "//a?b=c");
  expect({ status, body, location: headers["location"] }).toEqual({
    status: 301,
    body: "",
    location: "/a?b=c",
  });
});

test("an answer has no header but its own, date, length and connection", async () => {
  const { port } = await aServer();
  const { headers } = await send(port, "/a");
  expect(Object.keys(headers).toSorted()).toEqual(["connection", "content-length", "date"]);
});

test("gates stand before every route in their order, and before no other path", async () => {
  const passed: string[] = [];
  const first = async (): Promise<undefined> => void passed.push("first");
  const { port } = await aServer({ gates: [first, async () => inMaintenance] });
  expect(await send(port, "/a")).toMatchObject({ status: 429, body: '{"error": "please try again later"}' });
  expect(await send(port, "/b")).toMatchObject({ status: 404 });
  expect(await send(port, "//a")).toMatchObject({ status: 301 });
  expect(passed).toEqual(["first"]);
});

test("a fault is answered 500 with nothing in it, is told, and the next request is served", async () => {
  const broken: Route = async () => {
    throw new TypeError("a fault");
  };
  const { port, failures } = await aServer({
    routes: new Map([
      ["/a", answered],
      ["/broken", broken],
    ]),
  });
  expect(await send(port, "/broken")).toMatchObject({ status: 500, body: "" });
  expect(failures).toEqual([new TypeError("a fault")]);
  expect(await send(port, "/a")).toMatchObject({ status: 200 });
});

test("each request has an id of its own, and no answer tells it", async () => {
  const ids: string[] = [];
  const { port } = await aServer({
    gates: [async (_request, { requestId }) => void ids.push(requestId)],
  });
  const replies = [await send(port, "/a"), await send(port, "/a")];
  expect(new Set(ids).size).toBe(2);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  expect(ids.some((id) => JSON.stringify(replies).includes(id))).toBe(false);
});

test("a client whose headers do not end is given up", async () => {
  const { port } = await aServer({ headerSecondsMax: 1, requestSecondsMax: 2 });
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("POST /a HTTP/1.1\r\nHost: a\r\nX-More: ");
  const startedAtMs = performance.now();
  socket.resume();
  await once(socket, "close");
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
});

test("a stop lets an open request end, tells its client to close, and takes no new one", async () => {
  const { slow, arrived, finish } = aSlowRoute();
  const { port, stop } = await aServer({ routes: new Map([["/slow", slow]]) });
  const open = send(port, "/slow");
  await arrived;
  const stopped = stop();
  await expect(send(port, "/slow")).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
  finish();
  expect(await open).toMatchObject({ status: 200, body: "late", headers: { connection: "close" } });
  await stopped;
});
