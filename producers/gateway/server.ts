import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { limitConnections, RequestsUnderWay, type ConnectionLimits } from "./connection-care.js";
import type { GatewayEvents } from "./events.js";
import { faulty, movedTo, notFound, type Reply } from "./reply.js";
import { requestTarget } from "./request-target.js";
import type { Gate, Route } from "./route.js";

export interface GatewayServerOptions extends ConnectionLimits {
  /** By path, which must match exactly. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Outermost first. They stand before routes only: an unknown path is 404 whatever they say (facts, §1.1). */
  readonly gates: readonly Gate[];
  readonly headerBytesMax: number;
  readonly headersMax: number;
  readonly headerSecondsMax: number;
  readonly requestSecondsMax: number;
  readonly keepAliveSeconds: number;
  readonly events: Pick<GatewayEvents, "connectionClosed" | "failed" | "replied">;
}

/**
 * The phone's server. A table of a few paths is all the routing it needs; a framework would cost more than verifying a
 * certificate.
 */
export function gatewayServer(options: GatewayServerOptions): Server {
  const underWay = new RequestsUnderWay(options, options.events);
  const serving: Serving = { options, underWay, isListening: () => server.listening };
  const server = createServer(
    {
      maxHeaderSize: options.headerBytesMax,
      headersTimeout: options.headerSecondsMax * 1000,
      requestTimeout: Math.max(options.headerSecondsMax, options.requestSecondsMax) * 1000,
      keepAliveTimeout: options.keepAliveSeconds * 1000,
      // Both limits are only enforced when connections are looked through. Often, so that thousands that came in one
      // second are not all closed in one moment, in which nobody else is served.
      connectionsCheckingInterval: 100,
    },
    (request, response) => {
      if (underWay.begin(request.socket, response)) void answer(request, response, serving);
    },
  );
  server.maxHeadersCount = options.headersMax;
  limitConnections(server, options, options.events);
  return server;
}

interface Serving {
  readonly options: GatewayServerOptions;
  readonly underWay: RequestsUnderWay;
  readonly isListening: () => boolean;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { options, underWay, isListening }: Serving,
): Promise<void> {
  const reply = await serve(options, request);
  if (reply === undefined) return;
  send(reply, response, isListening());
  underWay.awaitTaken(request.socket, response);
}

async function serve(options: GatewayServerOptions, request: IncomingMessage): Promise<Reply | undefined> {
  const target = requestTarget(request.url ?? "/");
  if (target.kind === "moved") return movedTo(target.location);
  const path = target.kind === "path" ? target.path : "";
  const route = options.routes.get(path);
  if (route === undefined) return notFound;
  const call = { requestId: randomUUID(), path, arrivedAtMs: performance.now() };
  try {
    for (const gate of options.gates) {
      const reply = await gate(request, call);
      if (reply !== undefined) return reply;
    }
    const reply = await route(request, call);
    if (reply !== undefined) options.events.replied(call, reply.status);
    return reply;
  } catch (error) {
    options.events.failed(error, call);
    return faulty;
  }
}

/** Sends an answer with no header beyond its own, the date, the length and what becomes of the connection. */
function send({ status, headers, body }: Reply, response: ServerResponse, isListening: boolean): void {
  const stays = isListening && response.shouldKeepAlive;
  // A list: spreading headers into an object costs four times as much (docs/performance.md).
  const lines: (string | number)[] = [];
  for (const [name, value] of Object.entries(headers)) lines.push(name, value);
  lines.push("Content-Length", Buffer.byteLength(body), "Connection", stays ? "keep-alive" : "close");
  response.writeHead(status, lines);
  response.end(body);
}
