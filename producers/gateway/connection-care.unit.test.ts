import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { aGatewayServer, aSlowRoute } from "./a-gateway-server.test-support.js";
import type { Route } from "./route.js";
import type { GatewayServerOptions } from "./server.js";

// The server alone, at the edges of what one client may hold of it, over real connections.

const bigBytes = 20_000_000;
const answered: Route = async () => ({ status: 200, headers: {}, body: "answered" });
const big: Route = async () => ({ status: 200, headers: {}, body: Buffer.alloc(bigBytes, "x") });
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function aServer(limits: Partial<GatewayServerOptions>, others: readonly [string, Route][] = []) {
  const routes = new Map([["/a", answered], ["/big", big], ...others]);
  const { port, stop, closed } = await aGatewayServer({ routes, ...limits }, { graceSeconds: 0.1 });
  stops.push(stop);
  return { closed, open: (): Promise<Client> => aClient(port) };
}

interface Client {
  readonly socket: Socket;
  /** What has come so far. */
  readonly received: () => string;
  /** Sends text and waits for so many answers, or the end of the connection. */
  ask(text: string, answers?: number): Promise<string>;
}

async function aClient(port: number): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  stops.push(() => void socket.destroy());
  socket.on("error", () => undefined);
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  await once(socket, "connect");
  return {
    socket,
    received: () => text,
    async ask(request, answers = 1) {
      text = "";
      socket.write(request);
      while (!socket.closed && text.split("HTTP/1.1 ").length <= answers) await sleep(5);
      return text;
    },
  };
}

test("one connection more than the limit is closed, and makes those that wait for nothing do the same", async () => {
  const { open, closed } = await aServer({ connectionsMax: 3 });
  const idle = await Promise.all([open(), open(), open()]);
  for (const client of idle) expect(await client.ask(get("/a"))).toContain("200 OK");
  const oneMore = await open();
  expect(await oneMore.ask(get("/a"))).toBe("");
  expect(closed).toEqual(["too_many_connections"]);
  while (!idle.every(({ socket }) => socket.closed)) await sleep(5);
  expect(await (await open()).ask(get("/a"))).toContain("200 OK");
});

test("connections on which a request is under way stay when all are taken", async () => {
  const { slow, arrived, finish } = aSlowRoute();
  const { open, closed } = await aServer({ connectionsMax: 1 }, [["/slow", slow]]);
  const busy = (await open()).ask(get("/slow"));
  await arrived;
  await (await open()).ask(get("/a"));
  expect(closed).toEqual(["too_many_connections"]);
  finish();
  expect(await busy).toContain("late");
});

test("so many requests of one connection may wait, and one more costs it", async () => {
  const never: Route = () => new Promise(() => undefined);
  const { open, closed } = await aServer({ pipelinedMax: 3 }, [["/never", never]]);
  const atTheLimit = await open();
  atTheLimit.socket.write(get("/never").repeat(3));
  const beyond = await open();
  beyond.socket.write(get("/never").repeat(4));
  await once(beyond.socket, "close");
  expect(closed).toEqual(["too_many_requests"]);
  expect(atTheLimit.socket.closed).toBe(false);
});

test("requests one after the other are never too many, nor are as many at once as the limit", async () => {
  const { open, closed } = await aServer({ pipelinedMax: 3 });
  const client = await open();
  for (let round = 0; round < 5; round += 1)
    expect((await client.ask(get("/a").repeat(3), 3)).match(/200 OK/g)).toHaveLength(3);
  expect(closed).toEqual([]);
});

test("an answer that its client does not take in time costs the connection", async () => {
  const { open, closed } = await aServer({ takeSecondsMax: 1 });
  const { socket } = await open();
  socket.pause();
  socket.write(get("/big"));
  while (closed.length === 0) await sleep(20);
  expect(closed).toEqual(["answer_not_taken"]);
  socket.resume();
  await once(socket, "close");
});

test("an answer that is taken in time, however large, costs nothing", async () => {
  const { open, closed } = await aServer({ takeSecondsMax: 1 });
  const client = await open();
  // However long it takes here, no time passes for the server.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  stops.push(() => void vi.useRealTimers());
  void client.ask(get("/big"));
  while (client.received().length < bigBytes) await sleep(20);
  expect(await client.ask(get("/a"))).toContain("200 OK");
  vi.advanceTimersByTime(2000);
  expect(closed).toEqual([]);
  expect(await client.ask(get("/a"))).toContain("200 OK");
});

test("answers that are taken slowly leave nothing behind on their connection", async () => {
  const listeners: number[] = [];
  const watched: Route = async (request, call) => {
    listeners.push(request.socket.listenerCount("close"));
    return big(request, call);
  };
  const { open } = await aServer({}, [["/watched", watched]]);
  const client = await open();
  for (const _round of [1, 2, 3]) {
    void client.ask(get("/watched"));
    while (client.received().length < bigBytes) await sleep(20);
  }
  expect(new Set(listeners).size).toBe(1);
});

test("headers up to the limit are taken, and more are answered 431", async () => {
  const { open } = await aServer({ headerBytesMax: 8000 });
  const withHeader = (bytes: number): string =>
    `GET /a HTTP/1.1\r\nHost: a\r\nX-More: ${"x".repeat(bytes)}\r\n\r\n`;
  expect(await (await open()).ask(withHeader(7900))).toContain("200 OK");
  const tooMany = await open();
  expect(await tooMany.ask(withHeader(8000))).toContain("431");
  while (!tooMany.socket.closed) await sleep(5);
});

test("headers up to the limit are looked at, and more are passed over", async () => {
  const counted: Route = async ({ headers }) => ({
    status: 200,
    headers: {},
    body: `headers: ${Object.keys(headers).length}`,
  });
  const { open } = await aServer({ headersMax: 40 }, [["/counted", counted]]);
  const withHeaders = (count: number): string => {
    const others = Array.from({ length: count - 1 }, (_, number) => `X-${number}: y\r\n`);
    return `GET /counted HTTP/1.1\r\nHost: a\r\n${others.join("")}\r\n`;
  };
  expect(await (await open()).ask(withHeaders(40))).toContain("headers: 40");
  expect(await (await open()).ask(withHeaders(60))).toContain("headers: 40");
});

test("a connection that says nothing is closed after the time for headers, and after a request after the other one", async () => {
  const silent = await (await aServer({ headerSecondsMax: 1 })).open();
  const served = await (await aServer({ keepAliveSeconds: 1 })).open();
  expect(await served.ask(get("/a"))).toContain("200 OK");
  while (!silent.socket.closed || !served.socket.closed) await sleep(20);
});
