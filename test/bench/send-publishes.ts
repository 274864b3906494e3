import { connect, type Socket } from "node:net";
import type { PreparedPublish } from "./publish-requests.js";

// The load maker shares two cores with what it measures, so it does next to nothing: requests are ready-made, answers
// are not parsed but looked at for what has to be in them.

export interface Load {
  /** Of the gateways; connections are spread over them. */
  readonly ports: readonly number[];
  /** As many requests are under way at most, each connection kept for the next one. */
  readonly connections: number;
  readonly publishes: readonly PreparedPublish[];
  /** Starts so many a second, whether answers come or not; absent: the next as soon as a connection is free. */
  readonly perSecond?: number;
  /** Told of every answer; `wantedAtMs` is when the publish was to start, by `performance.now()`. */
  readonly onAnswer?: (index: number, wantedAtMs: number) => void;
}

export interface Answers {
  readonly seconds: number;
  /** Milliseconds from the moment a publish was to start until its answer was there, shortest first. */
  readonly latenciesMs: Float64Array;
}

const paceMs = 5;
const accepted = Buffer.from('"insertedExposures":14');
const headEnd = Buffer.from("\r\n\r\n");

/** Sends every publish once. @throws {Error} at the first answer that is not 200 with all keys inserted. */
export async function sendPublishes(load: Load): Promise<Answers> {
  const { publishes, perSecond = Number.POSITIVE_INFINITY } = load;
  const latenciesMs = new Float64Array(publishes.length);
  const startedAtMs = performance.now();
  const wantedAtMs = (index: number): number =>
    perSecond === Number.POSITIVE_INFINITY ? performance.now() : startedAtMs + (index / perSecond) * 1000;
  let next = 0;
  const work = async (connection: number): Promise<void> => {
    const socket = await aConnection(load.ports[connection % load.ports.length] ?? 0);
    for (let index = next++; index < publishes.length; index = next++) {
      const wanted = wantedAtMs(index);
      while (performance.now() < wanted) await new Promise((resolve) => setTimeout(resolve, paceMs));
      const answer = await answerTo(socket, publishes[index]?.bytes ?? Buffer.alloc(0));
      if (!answer.includes(accepted)) throw new Error(`an answer is ${answer.toString("latin1", 0, 300)}`);
      latenciesMs[index] = performance.now() - wanted;
      load.onAnswer?.(index, wanted);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: load.connections }, (_, connection) => work(connection)));
  return { seconds: (performance.now() - startedAtMs) / 1000, latenciesMs: latenciesMs.sort() };
}

/** The latency that this share of all stays below. */
export function percentile(latencies: Float64Array, share: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
}

async function aConnection(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}

/** Sends a request and gives the whole answer. */
function answerTo(socket: Socket, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const finish = (): void => {
      socket.off("data", onData).off("error", reject).off("close", onClose);
    };
    const onData = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (received.length < lengthOf(received)) return;
      finish();
      resolve(received);
    };
    const onClose = (): void => {
      finish();
      reject(new Error("the gateway closed a connection"));
    };
    socket.on("data", onData).once("error", reject).once("close", onClose);
    socket.write(request);
  });
}

/** Bytes of the answer that begins here, as far as its head tells. */
function lengthOf(received: Buffer): number {
  const end = received.indexOf(headEnd);
  if (end === -1) return Number.POSITIVE_INFINITY;
  const length = /content-length: (\d+)/i.exec(received.toString("latin1", 0, end))?.[1];
  return end + headEnd.length + Number(length ?? 0);
}
