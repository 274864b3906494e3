import type { Draft } from "./draft.js";
import { fuzzConnection, type FuzzAnswer } from "./fuzz-connection.js";
import type { Surroundings } from "./mutation.js";
import { fuzzRequest, type FuzzRequest } from "./requests.js";

export interface FuzzOptions {
  readonly seed: string;
  readonly port: number;
  /** The numbers of the requests: from the first up to, and without, the second. */
  readonly from: number;
  readonly to: number;
  readonly drafts: readonly Draft[];
  readonly surroundings: Surroundings;
}

export interface FuzzResult {
  /** How many answers there were of each status, and of each other end ("closed", "left", "silent"). */
  readonly counts: Readonly<Record<string, number>>;
  /** What no request may come to: the first few, in words, with all that is needed to send it again. */
  readonly offences: readonly string[];
}

const connections = 16;
const answerMsMax = 90_000;
const offencesMax = 10;

/** Sends these requests over a few connections at once and judges each answer. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const counts: Record<string, number> = {};
  const offences: string[] = [];
  let next = options.from;
  async function work(): Promise<void> {
    const connection = fuzzConnection(options.port, answerMsMax);
    while (next < options.to && offences.length < offencesMax) {
      const request = fuzzRequest(options.seed, next++, options.drafts, options.surroundings);
      const answer = await connection.exchange(request.wire);
      const told = answer.kind === "answered" ? String(answer.status) : answer.kind;
      counts[told] = (counts[told] ?? 0) + 1;
      const offence = offenceOf(request, answer);
      if (offence !== undefined) offences.push(describe(options.seed, request, offence));
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: connections }, work));
  return { counts, offences };
}

function offenceOf({ isWhole, wire }: FuzzRequest, answer: FuzzAnswer): string | undefined {
  if (answer.kind !== "answered") {
    const isDue = answer.kind === "silent" || (answer.kind === "closed" && isWhole);
    return isDue ? `no answer, ${answer.kind}` : undefined;
  }
  const { status, head, body } = answer;
  if (status < 200) return "no status";
  if (status < 500) return undefined;
  const isFact = status === 500 && (wire.isHead ? versioned.test(head) : regionless.test(body));
  return isFact ? undefined : `${status} ${body.slice(0, 200)}`;
}

/** The only 5xx of a server that is well and not overloaded (facts, §1.5): neither app nor request names a region. */
const regionless = /"error":"unknown health authority regions for /;
/** An answer to HEAD has no text. That it was decided, and is no fault, shows in a header. */
const versioned = /^x-api-version: /im;

function describe(seed: string, { number, kinds, wire }: FuzzRequest, offence: string): string {
  const bytes = Buffer.concat(wire.pieces);
  const shown = bytes.toString("base64", 0, 8000);
  return `${offence}: seed ${seed}, request ${number} (${kinds.join(", then ")}), ${bytes.length} bytes: ${shown}`;
}
