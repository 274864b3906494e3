import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bodyBytesMax } from "../../shared/keys/strict-json.js";
import { BodyRoom, readBody } from "./read-body.js";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

// Over real connections; the server answers with how many bytes it would look at.

const failures: string[] = [];
const roomBytes = 200_000;
const room = new BodyRoom(roomBytes);
const server = createServer((request, response) => {
  readBody(request, room).then(
    (body) => response.end(String(body.length)),
    (error: Error) => void failures.push(error.message),
  );
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function open() {
  const { port } = server.address() as AddressInfo;
  const request = httpRequest({ host: "127.0.0.1", port, method: "POST", path: "/" });
  // A client that goes away finds out by an error.
  request.on("error", () => undefined);
  return request;
}

async function answerTo(request: ReturnType<typeof open>): Promise<number> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return Number((await response.toArray()).join(""));
}

test.each([0, 1, bodyBytesMax - 1, bodyBytesMax, bodyBytesMax + 1])(
  "of %i bytes all are read",
  async (bytes) => {
    const request = open();
    request.end("x".repeat(bytes));
    expect(await answerTo(request)).toBe(bytes);
  },
);

test.each([bodyBytesMax + 2, 900_000])("of %i bytes one beyond the limit is read", async (bytes) => {
  const request = open();
  request.end("x".repeat(bytes));
  expect(await answerTo(request)).toBe(bodyBytesMax + 1);
});

test("a body that is too large is answered before it ends", async () => {
  const request = open();
  request.write("x".repeat(bodyBytesMax + 1));
  expect(await answerTo(request)).toBe(bodyBytesMax + 1);
  request.destroy();
});

test("a body that does not end costs the connection, after the answer", async () => {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  while (!socket.closed) {
    socket.write("x".repeat(10_000));
    await sleep(1);
  }
  expect(received).toContain(String(bodyBytesMax + 1));
});

test("a client that goes away in the middle is not waited for", async () => {
  const request = open();
  request.write("x");
  await once(server, "request");
  request.destroy();
  while (failures.length === 0) await sleep(10);
  expect(failures[0]).toMatch(/aborted|the client went away/);
});

test("bodies up to the room for all of them are read, and one more byte is refused until there is room again", async () => {
  const almostAll = Array.from({ length: 4 }, () => open());
  for (const request of almostAll) request.write("x".repeat(roomBytes / 4));
  await untilRoomIs(0);
  const oneMore = open();
  oneMore.write("x");
  while (failures.at(-1) !== "too many bodies at once") await sleep(10);
  for (const request of almostAll) request.end();
  expect(await Promise.all(almostAll.map(answerTo))).toEqual(almostAll.map(() => roomBytes / 4));
  oneMore.destroy();
  await untilRoomIs(roomBytes);
});

test("a client that goes away gives its room back, and one whose body is too large does so at once", async () => {
  const gone = open();
  gone.write("x".repeat(1000));
  await untilRoomIs(roomBytes - 1000);
  gone.destroy();
  const tooLarge = open();
  tooLarge.write("x".repeat(bodyBytesMax + 1));
  await answerTo(tooLarge);
  await untilRoomIs(roomBytes);
  tooLarge.destroy();
});

test("a body that comes byte by byte is held in few pieces", async () => {
  const { port } = server.address() as AddressInfo;
  const bodies = 20;
  const before = heapBytes();
  const sockets = Array.from({ length: bodies }, () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    socket.write("1\r\nx\r\n".repeat(bytesEach));
    return socket;
  });
  await untilRoomIs(roomBytes - bodies * bytesEach);
  expect(heapBytes() - before).toBeLessThan(bodies * bytesEach * 10);
  for (const socket of sockets) socket.destroy();
  await untilRoomIs(roomBytes);
});

/** Ten times as much as this is what a byte costs as a chunk of its own. */
const bytesEach = 9000;

function heapBytes(): number {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function untilRoomIs(bytes: number): Promise<void> {
  while (!isRoomFor(bytes) || isRoomFor(bytes + 1)) await sleep(5);
}

function isRoomFor(bytes: number): boolean {
  if (!room.take(bytes)) return false;
  room.giveBack(bytes);
  return true;
}
