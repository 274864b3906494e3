import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import express from "express";
import { decodePublishBody } from "../../shared/keys/publish-body.js";
import type { PublishRequest } from "../../shared/keys/publish-request.js";
import { refuseContentType, type DecodeFailure } from "../../shared/keys/strict-json.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { renderAnswer, type PaddingRule, type PublishAnswer } from "./answer.js";
import type { GatewayEvents } from "./events.js";
import { platformOf, type Platform } from "./platform.js";
import { readBody } from "./read-body.js";

export interface GatewayHttpOptions {
  readonly publish: (request: PublishRequest, platform: Platform) => Promise<PublishAnswer>;
  readonly padding: PaddingRule;
  readonly inFlightMax: number;
  readonly answerSecondsMax: number;
  /** Resolves when the view answers. */
  readonly pingView: () => Promise<void>;
  readonly events: GatewayEvents;
}

const unavailable: PublishAnswer = {
  status: 503,
  code: "internal_error",
  error: "temporarily unavailable: send the same request again",
};

/**
 * The phone's server. Publishes are most of the load and go past express, which costs more than verifying a
 * certificate; express serves the rest.
 */
export function gatewayServer(options: GatewayHttpOptions): Server {
  const others = otherRoutes(options.pingView);
  let inFlight = 0;
  const server = createServer((request, response) => {
    if (pathOf(request) !== "/v1/publish") {
      others(request, response);
      return;
    }
    inFlight += 1;
    void answerPublish(options, request, response, inFlight > options.inFlightMax).finally(() => {
      inFlight -= 1;
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = 100;
  return server;
}

async function answerPublish(
  options: GatewayHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  isOverloaded: boolean,
): Promise<void> {
  const startedAtMs = performance.now();
  const answer = isOverloaded ? unavailable : await publishAnswer(options, request);
  if (answer === undefined) return;
  const { headers, body } = renderAnswer(answer, options.padding);
  response.writeHead(answer.status, headers).end(body);
  options.events.answered(answer, (performance.now() - startedAtMs) / 1000);
}

/** Undefined when nobody waits for an answer any more. */
async function publishAnswer(
  options: GatewayHttpOptions,
  request: IncomingMessage,
): Promise<PublishAnswer | undefined> {
  const refused = refuseContentType(request.headers["content-type"]);
  if (refused !== undefined) return decodeAnswer(refused);
  const body = await readBody(request).catch(() => undefined);
  if (body === undefined) return undefined;
  const decoded = decodePublishBody(body);
  if (!decoded.ok) return decodeAnswer(decoded);
  try {
    return await within(
      options.answerSecondsMax,
      options.publish(decoded.value, platformOf(request.headers["user-agent"])),
    );
  } catch (error) {
    options.events.failed(error);
    return error instanceof Unavailable
      ? unavailable
      : { status: 500, code: "internal_error", error: "Internal Server Error" };
  }
}

function decodeAnswer({ status, code, text }: DecodeFailure): PublishAnswer {
  return { status, code, error: text };
}

function otherRoutes(pingView: () => Promise<void>): express.Express {
  const app = express()
    .disable("x-powered-by")
    .disable("etag")
    .enable("case sensitive routing")
    .enable("strict routing");
  let lastPing: { atMs: number; answer: Promise<boolean> } | undefined;
  app.all("/health", async (_request, response) => {
    // Asked for more often than once a second, the last answer serves again (facts, §1.7).
    if (lastPing === undefined || performance.now() - lastPing.atMs > 1000) {
      const answer = pingView().then(
        () => true,
        () => false,
      );
      lastPing = { atMs: performance.now(), answer };
    }
    const healthy = await lastPing.answer;
    response
      .status(healthy ? 200 : 500)
      .type("text/plain")
      .end(healthy ? '{"status": "ok"}' : "Internal Server Error\n");
  });
  app.use((_request, response) => {
    response
      .status(404)
      .set("X-Content-Type-Options", "nosniff")
      .type("text/plain")
      .end("404 page not found\n");
  });
  return app;
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "/";
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

async function within<Result>(secondsMax: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Unavailable(`no outcome within ${secondsMax} s`));
    }, secondsMax * 1000);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
