import type { PublishAnswer } from "./answer.js";
import type { GatewayEvents } from "./events.js";
import { readBody } from "./read-body.js";
import type { Chance, RecentAnswer, RecentAnswers } from "./recent-answers.js";
import type { Reply } from "./reply.js";
import type { Gate } from "./route.js";

// A phone with nothing to publish sends chaff, so that whoever watches the network can't tell who is ill. Its answer has
// the bytes, and takes the time, of a real one that was given lately, drawn anew each time. Reference server facts, §1.6.

export interface ChaffOptions {
  /** Makes a route's successful answer, by its path, around what a publish would have come to. */
  readonly replies: ReadonlyMap<string, (publish: PublishAnswer) => Reply>;
  /** These paths answer at once, as they always do. */
  readonly promptPaths: ReadonlySet<string>;
  readonly recent: Pick<RecentAnswers, "draw">;
  /** A token that holds nothing, with so many bytes, or with as many as most have; empty while none can be made. */
  readonly tokenLike: (bytes: number | undefined) => string;
  /** 0: no cap. */
  readonly latencyMsMax: number;
  readonly chance: Chance;
  readonly pause: (lengthMs: number) => Promise<void>;
  /** The clock of `arrivedAtMs`. */
  readonly nowMs: () => number;
  readonly events: Pick<GatewayEvents, "chaffAnswered">;
}

/** Stands before everything else: chaff is neither limited nor turned away, and leaves no trace. */
export function chaffGate(options: ChaffOptions): Gate {
  return async (request, { path, arrivedAtMs }) => {
    // Nearly all have none; making lists of headers costs more than looking.
    if (request.headers["x-chaff"] === undefined) return undefined;
    // The first of several counts, as the reference server has it.
    if ((request.headersDistinct["x-chaff"]?.[0] ?? "") === "") return undefined;
    const reply = options.replies.get(path);
    if (reply === undefined) return undefined;
    const { latencyMs, publish } = drawAnswer(options);
    // Made before the pause, for the time of a real answer holds the making, too.
    const answer = reply(publish);
    const readFromMs = options.nowMs();
    // A real answer comes after the whole request, however slowly that was sent: so does this one.
    const isThere = await readBody(request, undefined).then(
      () => true,
      () => false,
    );
    const waitedMs = options.nowMs() - readFromMs;
    const spentMs = options.nowMs() - arrivedAtMs - waitedMs;
    if (isThere && !options.promptPaths.has(path)) await options.pause(Math.max(0, latencyMs - spentMs));
    options.events.chaffAnswered();
    return answer;
  };
}

/** What the next chaff request is answered, and after how long. */
export function drawAnswer(options: Pick<ChaffOptions, "chance" | "latencyMsMax" | "recent" | "tokenLike">): {
  readonly latencyMs: number;
  readonly publish: PublishAnswer;
} {
  const { chance, latencyMsMax, recent, tokenLike } = options;
  const drawn: Omit<RecentAnswer, "tokenBytes"> & { tokenBytes?: number } =
    recent.draw(chance) ?? beforeAnyAnswer(chance);
  return {
    latencyMs: latencyMsMax === 0 ? drawn.latencyMs : Math.min(drawn.latencyMs, latencyMsMax),
    publish: {
      status: 200,
      revisionToken: tokenLike(drawn.tokenBytes),
      insertedExposures: drawn.insertedExposures,
    },
  };
}

/** A gateway that was just started answers within 5 to 25 ms, mostly quickly, and phones have about 14 keys. */
function beforeAnyAnswer(chance: Chance): Omit<RecentAnswer, "tokenBytes"> {
  return { latencyMs: 5 + 20 * chance() ** 2, insertedExposures: 12 + Math.floor(chance() * 3) };
}
