import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aSlowWay, type SlowWay } from "./slow-way.js";

let server: Server;
let way: SlowWay;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  way = await aSlowWay(`mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/?a=b`);
});

afterEach(() => {
  way.stop();
  server.close();
});

function connected(): Socket {
  return connect(Number(new URL(way.url).port), "127.0.0.1");
}

test("a slow way is the same address at another port", () => {
  expect(way.url).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+\/\?a=b$/);
});

test("what is sent comes back whole and in order, whether it is delayed or not", async () => {
  const socket = connected();
  const received = buffer(socket);
  socket.write("one ");
  way.delay(20);
  socket.write("two ");
  await once(socket, "data");
  way.delay(0);
  socket.end("three");
  expect((await received).toString()).toBe("one two three");
});

test("when the server ends a connection, so does the way", async () => {
  server.removeAllListeners("connection").on("connection", (socket: Socket) => socket.destroy());
  const socket = connected();
  socket.resume();
  await once(socket, "close");
});
