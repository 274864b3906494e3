import { connect, type Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";

// Sockets between the Kafka client and its brokers that fail when a test says so. Every request of the client is one
// write (size, api key, version, correlation id), and every reply begins with its size and correlation id; so a fault
// hits exactly the request that it was meant for, and the brokers, which others share, come to no harm.

/** The numbers of the requests that tests aim at. Source: Kafka protocol guide, "Api Keys". */
export const apiKeys = { produce: 0, metadata: 3, initProducerId: 22, endTxn: 26 } as const;

/**
 * What becomes of a request: the connection breaks before the broker sees it, or after it was handled and before the
 * reply arrives; or the request, or its reply, vanishes and the connection stays.
 */
export type Fault = "cut before" | "cut after" | "lose request" | "lose reply";

export interface ClientRequest {
  readonly apiKey: number;
  /** Port of the broker that it goes to. */
  readonly port: number;
}

/** Decides about one request; one that is decided later is held back until then, and so are those behind it. */
export type Decide = (request: ClientRequest) => Fault | undefined | Promise<Fault | undefined>;

/** A `socketFactory` for the Kafka client. */
export function faultySockets(decide: Decide): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect);
    const marked = new Map<number, Fault>();
    interceptRequests(socket, (request) => decideOn({ request, port, decide, marked, socket }));
    interceptReplies(socket, marked);
    return socket;
  };
}

/** Counts what is asked of `of` and gives each of its faults once, in order. */
export function inTurn(of: number, faults: readonly (Fault | undefined)[]): Decide {
  const left = [...faults];
  return ({ apiKey }) => (apiKey === of ? left.shift() : undefined);
}

type Verdict = "write" | "drop";

async function decideOn(asked: {
  request: Buffer;
  port: number;
  decide: Decide;
  marked: Map<number, Fault>;
  socket: Socket;
}): Promise<Verdict> {
  const { request, port, decide, marked, socket } = asked;
  const fault = await decide({ apiKey: request.readInt16BE(4), port });
  if (fault === "cut before") cut(socket);
  if (fault === "cut after" || fault === "lose reply") marked.set(request.readInt32BE(8), fault);
  return fault === "cut before" || fault === "lose request" ? "drop" : "write";
}

function interceptRequests(socket: Socket, decide: (request: Buffer) => Promise<Verdict>): void {
  const write = socket.write.bind(socket);
  let tail = Promise.resolve();
  const pass = async (bytes: Buffer): Promise<void> => {
    if ((await decide(bytes)) === "write" && !socket.destroyed) write(bytes);
  };
  socket.write = (bytes: Buffer) => {
    tail = tail.then(() => pass(bytes));
    return true;
  };
}

function interceptReplies(socket: Socket, marked: Map<number, Fault>): void {
  const emit = socket.emit.bind(socket) as (event: string, ...values: unknown[]) => boolean;
  let received = Buffer.alloc(0);
  const onData = (bytes: Buffer): boolean => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 8 && received.length >= received.readInt32BE(0) + 4) {
      const reply = received.subarray(0, received.readInt32BE(0) + 4);
      received = received.subarray(reply.length);
      const fault = marked.get(reply.readInt32BE(4));
      marked.delete(reply.readInt32BE(4));
      if (fault === "cut after") {
        cut(socket);
        return true;
      }
      if (fault !== "lose reply") emit("data", reply);
    }
    return true;
  };
  socket.emit = ((event: string, ...values: unknown[]) =>
    event === "data" ? onData(values[0] as Buffer) : emit(event, ...values)) as typeof socket.emit;
}

/** The client hears of an error, as it would of a reset connection. */
function cut(socket: Socket): void {
  socket.destroy(new Error("cut by the test"));
}
