import { createServer, request as startRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** A request of the object store's client. */
export interface StoreRequest {
  readonly method: string;
  /** Object name with the deployment's prefix, or other path. */
  readonly path: string;
}

/**
 * What becomes of a request: the store says 500 without having seen it; half of it arrives; it is done and its answer
 * is lost; half of its answer arrives; it is done and the answer takes its time; or something happens before it is
 * done.
 */
export type StoreFault =
  | "refuse"
  | "cut request"
  | "lose answer"
  | "cut answer"
  | { readonly answerAfterMs: number }
  | { readonly first: () => Promise<unknown> };

/** A way to the real object store that fails when a test says so. Others who use the store come to no harm. */
export interface FaultProxy {
  /** The store's address by this way. */
  readonly url: string;
  stop(): void;
}

interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export async function aFaultProxy(
  objectStoreUrl: string,
  decide: (request: StoreRequest) => StoreFault | undefined,
): Promise<FaultProxy> {
  const target = new URL(objectStoreUrl);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const fault = decide({ method: request.method ?? "", path: request.url ?? "" });
    if (typeof fault === "object" && "first" in fault) await fault.first();
    if (fault === "refuse") {
      response.writeHead(500).end("<Error><Code>InternalError</Code></Error>");
      return;
    }
    if (fault === "cut request") {
      await sendHalf(target, request, body);
      response.destroy();
      return;
    }
    const answer = await forward(target, request, body);
    if (typeof fault === "object" && "answerAfterMs" in fault) await sleep(fault.answerAfterMs);
    if (fault === "lose answer") response.destroy();
    else if (fault === "cut answer") cutAnswer(response, answer);
    else response.writeHead(answer.status, [...answer.headers]).end(answer.body);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const url = new URL(objectStoreUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Headers go on as they came, for the signature covers the host that the client means. */
async function forward(
  target: URL,
  { method, url, rawHeaders }: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  const options = { host: target.hostname, port: target.port, method, path: url, headers: rawHeaders };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    startRequest(options as never, resolve)
      .once("error", reject)
      .end(body);
  });
  return { status: answer.statusCode ?? 0, headers: answer.rawHeaders, body: await buffer(answer) };
}

/** The store sees the head and half of the body, and then the connection is gone. */
async function sendHalf(
  target: URL,
  { method, url, rawHeaders }: IncomingMessage,
  body: Buffer,
): Promise<void> {
  const options = { host: target.hostname, port: target.port, method, path: url, headers: rawHeaders };
  const sent = startRequest(options as never);
  sent.once("error", () => undefined);
  sent.write(body.subarray(0, Math.floor(body.length / 2)));
  await sleep(20);
  sent.destroy();
}

function cutAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, [...headers]);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}
