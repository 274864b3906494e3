import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { WireRequest } from "./draft.js";

/** What came back: "closed" is the end of the connection without an answer, "silent" neither of both in time. */
export type FuzzAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly head: string; readonly body: string }
  | { readonly kind: "closed" | "left" | "silent" };

/** A client that sends what no HTTP library would, one request after the other, on one connection while it lasts. */
export interface FuzzConnection {
  exchange(request: WireRequest): Promise<FuzzAnswer>;
  close(): void;
}

const pauseMs = 5;

export function fuzzConnection(port: number, answerMsMax: number): FuzzConnection {
  let socket: Socket | undefined;
  const close = (): void => {
    socket?.destroy();
    socket = undefined;
  };
  return {
    async exchange(request) {
      if (socket?.writable !== true || !socket.readable) close();
      socket ??= await open(port);
      const answer = answerOn(socket, request.isHead, answerMsMax);
      await write(socket, request.pieces);
      if (request.goesAway) {
        close();
        return { kind: "left" };
      }
      const { isLast, ...rest } = await answer;
      if (isLast) close();
      return rest;
    },
    close,
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  // What becomes of a connection is told by its end; an error comes before that.
  socket.removeAllListeners("error").on("error", () => undefined);
  return socket;
}

async function write(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await sleep(pauseMs);
    if (socket.writable) socket.write(piece);
  }
}

type Told = FuzzAnswer & { readonly isLast: boolean };

/** The next answer on a connection. */
function answerOn(socket: Socket, isHead: boolean, answerMsMax: number): Promise<Told> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (told: Told): void => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose).off("end", onClose);
      resolve(told);
    };
    const onData = (more: Buffer): void => {
      bytes = Buffer.concat([bytes, more]);
      const told = parseAnswer(bytes, isHead, false);
      if (told !== undefined) finish(told);
    };
    const onClose = (): void => finish(parseAnswer(bytes, isHead, true) ?? { kind: "closed", isLast: true });
    const timer = setTimeout(() => finish({ kind: "silent", isLast: true }), answerMsMax);
    socket.on("data", onData).on("close", onClose).on("end", onClose);
  });
}

/** Undefined as long as the answer is not whole. Interim answers (1xx) are passed over. */
function parseAnswer(bytes: Buffer, isHead: boolean, isOver: boolean): Told | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const rest = bytes.subarray(headEnd + 4);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  if (status >= 100 && status < 200) return parseAnswer(rest, isHead, isOver);
  // Node itself answers 417 in chunks; the gateway tells a length.
  const isChunked = /^transfer-encoding: chunked$/im.test(head);
  if (isChunked && !isOver && rest.indexOf("0\r\n\r\n") === -1) return undefined;
  const told = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Number.POSITIVE_INFINITY);
  const length = isHead || isChunked ? 0 : told;
  if (rest.length < length && !isOver) return undefined;
  const isLast = isOver || rest.length > length || /^connection: close$/im.test(head);
  return { kind: "answered", status, head, body: rest.toString("utf8"), isLast };
}
