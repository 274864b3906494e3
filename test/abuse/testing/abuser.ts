import { connect, type Socket } from "node:net";
import type { AbuseKind, AbuseOrder } from "../abuse-order.js";

// A process that abuses a gateway as its parent says, by plain sockets, until the parent lets it go. It is a process of
// its own so that the honest client in the parent has its own event loop, and its own files.

type Conduct = (socket: Socket, number: number, order: AbuseOrder) => void;

const addresses = 20;
const reopenPauseMs = 200;
const reportEveryMs = 100;
const burstEveryMs = 2000;
const crlf = "\r\n";
const head = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, "Host: a", ...headers, "", ""].join(crlf);
const post = (...headers: string[]): string =>
  head("POST /v1/publish", "Content-Type: application/json", ...headers);

const conducts: Readonly<Record<AbuseKind, Conduct>> = {
  // Half of them never say a word, the others make one request and stay.
  "idle connections": (socket, number) => {
    if (number % 2 === 0) socket.write(head("GET /nothing"));
  },
  // Chaff, because everybody may send it, and its answers are the longest.
  "slow readers": (socket) => {
    socket.pause();
    again(socket, 80, () => socket.write(head("GET /v1/stats", "X-Chaff: 1").repeat(4)));
  },
  "endless bodies": (socket, number) => {
    const ways: (() => void)[] = [
      () => {
        socket.write(post("Content-Length: 64000"));
        again(socket, 500, () => socket.write(" "));
      },
      () => {
        socket.write(post("Transfer-Encoding: chunked"));
        again(socket, 100, () => socket.write(`1${crlf} ${crlf}`.repeat(50)));
      },
      () => {
        socket.write(post("Content-Length: 1000000000"));
        again(socket, 50, () => socket.write(" ".repeat(16_000)));
      },
    ];
    ways[number % ways.length]?.();
  },
  "header floods": (socket, number) => {
    socket.write(`POST /v1/publish HTTP/1.1${crlf}Host: a${crlf}`);
    // More at once than the limit, and not so much more that the gateway's answer would be lost over it.
    if (number % 2 === 0)
      again(socket, 100, () => socket.write(`X-More: ${"x".repeat(1000)}${crlf}`.repeat(20)));
    else again(socket, 300, () => socket.write(`X-More: x${crlf}`));
  },
  bursts: (socket, number, { bodies = [] }) => {
    const body = bodies[number % bodies.length] ?? "";
    const request = post(`Content-Length: ${Buffer.byteLength(body)}`) + body;
    // By the clock, so that all do it in the same moment; a timer that is early must not do it twice.
    const wait = (): number => burstEveryMs - (Date.now() % burstEveryMs) + 5;
    const send = (): void => {
      if (!socket.destroyed) socket.write(request);
      timer = setTimeout(send, wait());
    };
    let timer = setTimeout(send, wait());
    socket.once("close", () => clearTimeout(timer));
  },
};

const statuses: Record<string, number> = {};
const open = new Set<Socket>();
let opened = 0;
let refusedWithoutTime = 0;

process.once("disconnect", () => process.exit(0));
process.once("message", (order: AbuseOrder) => {
  for (let number = 0; number < order.connections; number += 1) keepAt(order, number);
  setInterval(() => process.send?.({ open: open.size, opened, statuses, refusedWithoutTime }), reportEveryMs);
});

/** One connection, and the next when the gateway has closed it. */
function keepAt(order: AbuseOrder, number: number): void {
  const localAddress = `127.0.0.${2 + (number % addresses)}`;
  const socket = connect({ host: "127.0.0.1", port: order.port, localAddress });
  socket.on("error", () => undefined);
  socket.once("connect", () => {
    opened += 1;
    open.add(socket);
    conducts[order.kind](socket, number, order);
  });
  socket.on("data", (chunk: Buffer) => count(chunk.toString("latin1")));
  socket.once("close", () => {
    open.delete(socket);
    setTimeout(() => keepAt(order, number), reopenPauseMs);
  });
}

/** Heads of answers come in one piece, or nearly always. */
function count(text: string): void {
  for (const [answer, status = ""] of text.matchAll(/HTTP\/1\.1 (\d{3})[\s\S]*?\r\n\r\n/g)) {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === "503" && !/^retry-after: \d+/im.test(answer)) refusedWithoutTime += 1;
  }
}

function again(socket: Socket, everyMs: number, act: () => void): void {
  const timer = setInterval(() => {
    // What the gateway does not take is not piled up here.
    if (socket.writableLength < 100_000) act();
  }, everyMs);
  act();
  socket.once("close", () => clearInterval(timer));
}
