import type { IncomingMessage } from "node:http";
import { decodeAlphaBody, decodePublishBody } from "../../shared/keys/publish-body.js";
import type { PublishRequest } from "../../shared/keys/publish-request.js";
import { refuseContentType, type DecodeFailure, type DecodeResult } from "../../shared/keys/strict-json.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { renderAlphaAnswer, renderAnswer, type PublishAnswer } from "./answer.js";
import type { GatewayEvents } from "./events.js";
import type { PaddingRule } from "./json-reply.js";
import { platformOf, type Platform } from "./platform.js";
import { readBody } from "./read-body.js";
import type { RecentAnswers } from "./recent-answers.js";
import type { Reply } from "./reply.js";
import type { Call, Route } from "./route.js";
import { within } from "./within.js";

/** A version of the publish API: how bodies are read, and answers written. */
export interface PublishApi {
  readonly decode: (body: Buffer) => DecodeResult<PublishRequest>;
  readonly render: (answer: PublishAnswer, rule: PaddingRule) => Reply;
}

/** `/v1/publish`. */
export const publishV1: PublishApi = { decode: decodePublishBody, render: renderAnswer };

/** `/`, if it is switched on. Facts, §1.8. */
export const publishV1Alpha1: PublishApi = { decode: decodeAlphaBody, render: renderAlphaAnswer };

export interface PublishRouteOptions {
  readonly publish: (request: PublishRequest, platform: Platform) => Promise<PublishAnswer>;
  readonly padding: PaddingRule;
  readonly inFlightMax: number;
  readonly answerSecondsMax: number;
  readonly recent: Pick<RecentAnswers, "record">;
  readonly events: GatewayEvents;
}

const unavailable: PublishAnswer = {
  status: 503,
  code: "internal_error",
  error: "temporarily unavailable: send the same request again",
};

/** The publish routes, one for each version of the API; what is in flight counts for all of them together. */
export function publishRoutes(options: PublishRouteOptions): (api: PublishApi) => Route {
  let inFlight = 0;
  return (api) => async (request, call) => {
    const startedAtMs = performance.now();
    let waitedMs = 0;
    const read = async (): Promise<Buffer | undefined> => {
      const readFromMs = performance.now();
      const body = await readBody(request).catch(() => undefined);
      waitedMs = performance.now() - readFromMs;
      return body;
    };
    inFlight += 1;
    try {
      const isOverloaded = inFlight > options.inFlightMax;
      const answer = isOverloaded ? unavailable : await answerTo(options, api, request, call, read);
      if (answer === undefined) return undefined;
      options.events.answered(answer, (performance.now() - startedAtMs) / 1000);
      const reply = api.render(answer, options.padding);
      options.recent.record(answer, performance.now() - call.arrivedAtMs - waitedMs);
      return reply;
    } finally {
      inFlight -= 1;
    }
  };
}

/** Undefined when nobody waits for an answer any more. */
async function answerTo(
  options: PublishRouteOptions,
  api: PublishApi,
  request: IncomingMessage,
  call: Call,
  read: () => Promise<Buffer | undefined>,
): Promise<PublishAnswer | undefined> {
  const refused = refuseContentType(request.headers["content-type"]);
  if (refused !== undefined) return decodeAnswer(refused);
  const body = await read();
  if (body === undefined) return undefined;
  const decoded = api.decode(body);
  if (!decoded.ok) return decodeAnswer(decoded);
  try {
    const platform = platformOf(request.headers["user-agent"]);
    return await within(options.answerSecondsMax, options.publish(decoded.value, platform));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    options.events.failed(error, call);
    return unavailable;
  }
}

function decodeAnswer({ status, code, text }: DecodeFailure): PublishAnswer {
  return { status, code, error: text };
}
