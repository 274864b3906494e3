import { aPhone, publishBody } from "../phones/phone.js";
import { publishClient, type PublishClient } from "../phones/publish-client.js";
import { seededRandom } from "../phones/seeded-random.js";
import type { River } from "../river/a-river.js";
import type { Seen } from "./telling-apart.js";

export interface SeenAnswer extends Seen {
  readonly status: number;
  /** Headers in their order, those with a value that varies by name only. */
  readonly head: string;
  readonly fields: string;
  readonly tokenChars: number;
}

export interface RealAndChaff {
  readonly real: readonly SeenAnswer[];
  readonly chaff: readonly SeenAnswer[];
}

/**
 * Asks for as many real answers as chaff, in a random order, so that whatever else the machine does hits both alike. The
 * first of each connection warm up and are left out.
 */
export async function realAndChaff(
  river: River,
  { each, connections }: { readonly each: number; readonly connections: number },
): Promise<RealAndChaff> {
  const { authority, appName: healthAuthorityID, apiUrls: urls } = river;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const warmUps = 100 + connections * 3;
  const kinds = [...shuffled(warmUps), ...shuffled(each)].map((isChaff) => ({
    isChaff,
    body: publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID, nowSeconds }),
  }));
  const clients = [false, true].map((isChaff) =>
    publishClient({ urls, retriesMax: 0, timeoutMs: 60_000, headers: isChaff ? { "X-Chaff": "1" } : {} }),
  ) as [PublishClient, PublishClient];
  const seen = { real: [] as SeenAnswer[], chaff: [] as SeenAnswer[] };
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < kinds.length) {
      const number = next++;
      const { isChaff = false, body = "" } = kinds[number] ?? {};
      const answer = await ask(clients[isChaff ? 1 : 0], body);
      if (number >= warmUps * 2) seen[isChaff ? "chaff" : "real"].push(answer);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  for (const client of clients) client.close();
  return seen;
}

/** As many of either kind. */
function shuffled(each: number): boolean[] {
  const random = seededRandom();
  const kinds = Array.from({ length: each * 2 }, (_, index) => index < each);
  return kinds
    .map((kind) => ({ kind, place: random.below(2 ** 31) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ kind }) => kind);
}

const varying = new Set(["date", "content-length"]);

async function ask(client: PublishClient, body: string): Promise<SeenAnswer> {
  const { attempts, body: parsed = {} } = await client.publish(body);
  const [attempt] = attempts;
  if (attempt?.outcome !== "answered") throw new Error(`no answer: ${attempt?.detail}`);
  return {
    status: attempt.status,
    head: Object.entries(attempt.headers)
      .map(([name, value]) => (varying.has(name) ? name : `${name}: ${String(value)}`))
      .join("\n"),
    fields: Object.keys(parsed).join(),
    tokenChars: parsed.revisionToken?.length ?? 0,
    bytes: attempt.text.length,
    seconds: attempt.seconds,
  };
}

/** What the reference server's chaff would be: each the average of what is real, give or take what a timer is late. */
export function meanChaff(real: readonly Seen[]): readonly Seen[] {
  const mean = (feature: keyof Seen): number =>
    real.reduce((sum, seen) => sum + seen[feature], 0) / real.length;
  const bytes = Math.round(mean("bytes"));
  const seconds = mean("seconds");
  return real.map((_, index) => ({ bytes, seconds: seconds * (1 + (index % 20) / 200) }));
}
