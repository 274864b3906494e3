import { request } from "node:http";
import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";

/** One attempt to post. A failed one is unknown, not undone: the server may have taken the request. */
export type Attempt =
  | {
      readonly outcome: "answered";
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly text: string;
      /** What `Retry-After` asks for, if it is a number of seconds. */
      readonly retryAfterSeconds: number | undefined;
      readonly seconds: number;
    }
  | { readonly outcome: "timeout" | "connection_lost"; readonly detail: string; readonly seconds: number };

/** What to post, where, and for how long to wait. */
export interface Post {
  readonly url: URL;
  readonly agent: Agent;
  readonly body: string;
  /** For the whole attempt, from connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

const answerBytesMax = 1024 * 1024;

/** Posts JSON once. The promise never rejects: losing the connection is an outcome. */
export async function postOnce({ url, agent, body, timeoutMs, headers }: Post): Promise<Attempt> {
  const started = performance.now();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const payload = Buffer.from(body);
    const sent = { "content-type": "application/json", "content-length": payload.length, ...headers };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { method: "POST", agent, headers: sent, signal: abort.signal }, resolve)
        .on("error", reject)
        .end(payload);
    });
    const text = await readText(answer);
    const status = answer.statusCode ?? 0;
    const retryAfterSeconds = parseRetryAfter(answer.headers["retry-after"]);
    return {
      outcome: "answered",
      status,
      headers: answer.headers,
      text,
      retryAfterSeconds,
      seconds: seconds(),
    };
  } catch (error) {
    // An answer cut short is as lost as none: the phone can't know what it would have said.
    const detail = error instanceof Error ? error.message : String(error);
    return { outcome: abort.signal.aborted ? "timeout" : "connection_lost", detail, seconds: seconds() };
  } finally {
    clearTimeout(timer);
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseRetryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}
