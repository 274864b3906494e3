import { readFileSync, renameSync } from "node:fs";
import net from "node:net";

// Loaded before a real process of ours (`node --import`), it makes the process kill or freeze itself at a step that a
// file names: just before one of its requests leaves it, or just after the answer has come, before it can act on that.

/** What the file holds, as JSON. It is gone once a process has followed it, so that just one does. */
export interface StepOrder {
  /** A regular expression for the request: an object's `PUT /…`, or the bytes of one to Kafka (`produce …`) or MongoDB. */
  readonly request: string;
  readonly at: "before" | "after";
  readonly signal: "SIGKILL" | "SIGSTOP";
}

const orderFile = process.env["TEKSTREAM_TEST_STEPS"] ?? "";
const textBytesMax = 20_000;
const mongoMessage = 2013;
const kafkaProduce = 0;

const followed = new WeakSet<net.Socket>();
const write = net.Socket.prototype.write as (this: net.Socket, ...values: unknown[]) => boolean;
const push = net.Socket.prototype.push as (this: net.Socket, ...values: unknown[]) => boolean;

net.Socket.prototype.write = function (this: net.Socket, ...values: unknown[]) {
  const order = readOrder();
  const text = order && requestText(values[0]);
  if (order === undefined || text === undefined || !new RegExp(order.request, "s").test(text))
    return write.call(this, ...values);
  if (order.at === "before") follow(order);
  else followed.add(this);
  return write.call(this, ...values);
};

net.Socket.prototype.push = function (this: net.Socket, ...values: unknown[]) {
  const order = followed.delete(this) ? readOrder() : undefined;
  if (order !== undefined) follow(order);
  return push.call(this, ...values);
};

function requestText(chunk: unknown): string | undefined {
  if (typeof chunk === "string") return /^[A-Z]{3,6} \//.test(chunk) ? chunk : undefined;
  if (!(chunk instanceof Uint8Array) || chunk.length < 16) return undefined;
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  const text = bytes.subarray(0, textBytesMax).toString("latin1");
  if (bytes.readInt32LE(12) === mongoMessage && bytes.readInt32LE(0) === bytes.length) return `mongo ${text}`;
  if (bytes.readInt32BE(0) === bytes.length - 4 && bytes.readInt16BE(4) === kafkaProduce)
    return `produce ${text}`;
  return /^[A-Z]{3,6} \//.test(text) ? text : undefined;
}

function follow({ signal }: StepOrder): void {
  try {
    renameSync(orderFile, `${orderFile}.followed`);
  } catch {
    // Another process was first.
    return;
  }
  process.kill(process.pid, signal);
}

function readOrder(): StepOrder | undefined {
  try {
    return JSON.parse(readFileSync(orderFile, "utf8")) as StepOrder;
  } catch {
    return undefined;
  }
}
