import type { IncomingMessage } from "node:http";
import { statsBody } from "../../shared/keys/publish-body.js";
import { decodeStrictJson, refuseContentType, type DecodeFailure } from "../../shared/keys/strict-json.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import type { GatewayEvents } from "./events.js";
import type { PaddingRule } from "./json-reply.js";
import { readBody, type BodyRoom } from "./read-body.js";
import type { Call, Route } from "./route.js";
import { renderStats, type StatsAnswer } from "./stats-answer.js";
import { within } from "./within.js";

export interface StatsRouteOptions {
  readonly readStats: (authorization: string | undefined) => Promise<StatsAnswer>;
  readonly padding: PaddingRule;
  readonly room: BodyRoom;
  readonly answerSecondsMax: number;
  readonly events: Pick<GatewayEvents, "statsAnswered" | "failed">;
}

const unavailable: StatsAnswer = {
  status: 503,
  code: "internal_error",
  error: "temporarily unavailable: send the same request again",
};

/** `/v1/stats`. */
export function statsRoute(options: StatsRouteOptions): Route {
  return async (request, call) => {
    const answer = await answerTo(options, request, call);
    if (answer === undefined) return undefined;
    options.events.statsAnswered(answer);
    return renderStats(answer, options.padding);
  };
}

/** Undefined when nobody waits for an answer any more. */
async function answerTo(
  options: StatsRouteOptions,
  request: IncomingMessage,
  call: Call,
): Promise<StatsAnswer | undefined> {
  const refused = refuseContentType(request.headers["content-type"]);
  if (refused !== undefined) return decodeAnswer(refused);
  const body = await readBody(request, options.room).catch((error: unknown) =>
    error instanceof Unavailable ? unavailable : undefined,
  );
  if (!Buffer.isBuffer(body)) return body;
  const decoded = decodeStrictJson(body, statsBody);
  if (!decoded.ok) return decodeAnswer(decoded);
  try {
    return await within(options.answerSecondsMax, options.readStats(request.headers.authorization));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    options.events.failed(error, call);
    return unavailable;
  }
}

/** Whatever the status that the text names. */
function decodeAnswer({ code, text }: DecodeFailure): StatsAnswer {
  return { status: 400, code, error: text };
}
