import type { IncomingMessage } from "node:http";
import { decodeAlphaBody, decodePublishBody } from "../../shared/keys/publish-body.js";
import type { PublishRequest } from "../../shared/keys/publish-request.js";
import { refuseContentType, type DecodeFailure, type DecodeResult } from "../../shared/keys/strict-json.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { renderAlphaAnswer, renderAnswer, type PublishAnswer } from "./answer.js";
import type { GatewayEvents } from "./events.js";
import type { PaddingRule } from "./json-reply.js";
import { platformOf, type Platform } from "./platform.js";
import { readBody, type BodyRoom } from "./read-body.js";
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
  readonly room: BodyRoom;
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
  const publishes = new PublishesInFlight(options);
  const served = { ...options, publishes };
  return (api) => async (request, call) => {
    const startedAtMs = performance.now();
    let waitedMs = 0;
    const read = async (): Promise<Buffer | PublishAnswer | undefined> => {
      // Whoever is refused in any case need not send.
      if (publishes.areTooMany) return unavailable;
      const readFromMs = performance.now();
      try {
        const body = await readBody(request, options.room);
        return publishes.areTooMany ? unavailable : body;
      } catch (error) {
        return error instanceof Unavailable ? unavailable : undefined;
      } finally {
        waitedMs = performance.now() - readFromMs;
      }
    };
    const answer = await answerTo(served, api, request, call, read);
    if (answer === undefined) return undefined;
    options.events.answered(answer, (performance.now() - startedAtMs) / 1000);
    const reply = api.render(answer, options.padding);
    options.recent.record(answer, performance.now() - call.arrivedAtMs - waitedMs);
    return reply;
  };
}

/**
 * What is under way at once. A request counts from its last byte, so that slow clients don't stand in the way of the
 * others, and until nothing works on it any more, even if it was answered before that: so long it holds memory.
 */
class PublishesInFlight {
  readonly #options: Pick<PublishRouteOptions, "inFlightMax" | "publish">;
  #count = 0;

  constructor(options: Pick<PublishRouteOptions, "inFlightMax" | "publish">) {
    this.#options = options;
  }

  get areTooMany(): boolean {
    return this.#count >= this.#options.inFlightMax;
  }

  async publish(request: PublishRequest, platform: Platform): Promise<PublishAnswer> {
    this.#count += 1;
    try {
      return await this.#options.publish(request, platform);
    } finally {
      this.#count -= 1;
    }
  }
}

/** Undefined when nobody waits for an answer any more. */
async function answerTo(
  options: Pick<PublishRouteOptions, "answerSecondsMax" | "events"> & {
    readonly publishes: PublishesInFlight;
  },
  api: PublishApi,
  request: IncomingMessage,
  call: Call,
  read: () => Promise<Buffer | PublishAnswer | undefined>,
): Promise<PublishAnswer | undefined> {
  const refused = refuseContentType(request.headers["content-type"]);
  if (refused !== undefined) return decodeAnswer(refused);
  const body = await read();
  if (!Buffer.isBuffer(body)) return body;
  const decoded = api.decode(body);
  if (!decoded.ok) return decodeAnswer(decoded);
  try {
    const platform = platformOf(request.headers["user-agent"]);
    return await within(options.answerSecondsMax, options.publishes.publish(decoded.value, platform));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    options.events.failed(error, call);
    return unavailable;
  }
}

function decodeAnswer({ status, code, text }: DecodeFailure): PublishAnswer {
  return { status, code, error: text };
}
