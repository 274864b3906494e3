import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { postOnce } from "./post-once.js";
import type { Attempt } from "./post-once.js";

/** The JSON of a publish answer (reference server facts, §1.4). */
export interface PublishAnswerBody {
  readonly revisionToken?: string;
  readonly insertedExposures?: number;
  readonly error?: string;
  readonly code?: string;
  readonly padding?: string;
  readonly warnings?: readonly string[];
}

/** What came of a publish, retries included. */
export interface PublishAnswer {
  /** Status of the last attempt that was answered at all; 0 if none was: the keys may be stored or not. */
  readonly status: number;
  /** The parsed answer; undefined if it was no JSON object. */
  readonly body: PublishAnswerBody | undefined;
  /** From the first attempt's start to the last attempt's end, pauses included. */
  readonly seconds: number;
  readonly attempts: readonly Attempt[];
}

/** A phone's connection to the server. It has a lifetime: `close` frees its sockets. */
export interface PublishClient {
  publish(body: string): Promise<PublishAnswer>;
  close(): void;
}

/** How the client behaves. */
export interface PublishClientOptions {
  /** Base URLs of equal servers, `http://host:port`; attempts go round them, as behind a load balancer. */
  readonly urls: readonly string[];
  /** Default `/v1/publish`. */
  readonly path?: string;
  /** Time limit of one attempt; default 10,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first; default 5. */
  readonly retriesMax?: number;
  /** Pause before the first retry when the server names none; doubles each time. Default 100. */
  readonly backoffMs?: number;
  /** Longest pause, also when `Retry-After` asks for more. Default 5,000. */
  readonly pauseMsMax?: number;
  /** Default unbounded: the caller bounds how many publishes are under way. */
  readonly socketsMax?: number;
  /** Headers besides the content type, such as `X-Chaff`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Makes a client that repeats the very same body after a 503, a 408 or a lost connection, until it is answered or has
 * no retries left. Any other status is final.
 */
export function publishClient(options: PublishClientOptions): PublishClient {
  const { urls, path = "/v1/publish", timeoutMs = 10_000, retriesMax = 5, headers = {} } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: options.socketsMax ?? Number.POSITIVE_INFINITY });
  let turn = 0;

  async function publish(body: string): Promise<PublishAnswer> {
    const started = performance.now();
    const attempts: Attempt[] = [];
    for (;;) {
      const url = new URL(path, urls[turn++ % urls.length]);
      const attempt = await postOnce({ url, agent, body, timeoutMs, headers });
      attempts.push(attempt);
      if (isFinal(attempt) || attempts.length > retriesMax) return answerOf(attempts, started);
      await sleep(pauseMs(attempt, attempts.length, options));
    }
  }

  return { publish, close: () => agent.destroy() };
}

function isFinal(attempt: Attempt): boolean {
  // 408: the server has not read the whole request in time, as happens where one is short of processors.
  return attempt.outcome === "answered" && attempt.status !== 503 && attempt.status !== 408;
}

/** Some randomness keeps phones that failed together from coming back together. */
function pauseMs(attempt: Attempt, attemptsMade: number, options: PublishClientOptions): number {
  const { backoffMs = 100, pauseMsMax = 5_000 } = options;
  const backoff = backoffMs * 2 ** (attemptsMade - 1) * (0.5 + Math.random());
  const asked = attempt.outcome === "answered" ? attempt.retryAfterSeconds : undefined;
  return Math.min(asked === undefined ? backoff : asked * 1000, pauseMsMax);
}

function answerOf(attempts: readonly Attempt[], started: number): PublishAnswer {
  const answered = attempts.filter((attempt) => attempt.outcome === "answered").at(-1);
  return {
    status: answered?.status ?? 0,
    body: answered === undefined ? undefined : parseAnswer(answered.text),
    seconds: (performance.now() - started) / 1000,
    attempts,
  };
}

function parseAnswer(text: string): PublishAnswerBody | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** A phone trusts the server's field types; a test that doesn't looks at the attempts' text. */
function isObject(value: unknown): value is PublishAnswerBody {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
