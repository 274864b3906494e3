import { publishCrowd } from "../phones/crowd.js";
import { publishClient, type PublishAnswer } from "../phones/publish-client.js";
import type { River } from "../river/a-river.js";

/** What became of honest phones. */
export interface HonestResult {
  readonly statuses: Readonly<Record<number, number>>;
  /** Of the publishes that were accepted: seconds until then, as the phone sees it, that 99 of 100 did not exceed; undefined if none was. */
  readonly p99Seconds: number | undefined;
  readonly secondsMax: number | undefined;
  /** Answers that no honest phone should get: neither accepted nor told when to come again. */
  readonly offences: readonly string[];
}

export interface HonestOptions {
  readonly apiUrl: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Attempts after the first. */
  readonly retriesMax: number;
}

/** Phones that publish at a steady rate, whatever else goes on. */
export async function honestCrowd(river: River, options: HonestOptions): Promise<HonestResult> {
  const { apiUrl, perSecond, seconds, retriesMax } = options;
  const client = publishClient({ urls: [apiUrl], retriesMax, timeoutMs: 30_000, pauseMsMax: 1000 });
  const answers: PublishAnswer[] = [];
  const { statuses } = await publishCrowd({
    phones: perSecond * seconds,
    concurrency: perSecond * 10,
    perSecond,
    client,
    authority: river.authority,
    healthAuthorityID: river.appName,
    regions: ["US"],
    onProgress: ({ answer }) => answers.push(answer),
  });
  client.close();
  const accepted = answers
    .filter(({ status }) => status === 200)
    .map((answer) => answer.seconds)
    .toSorted((a, b) => a - b);
  return {
    statuses,
    p99Seconds: accepted[Math.ceil(accepted.length * 0.99) - 1],
    secondsMax: accepted.at(-1),
    offences: answers.flatMap(offencesOf),
  };
}

function offencesOf({ status, attempts }: PublishAnswer): string[] {
  const untold = attempts.flatMap((attempt) =>
    attempt.outcome === "answered" && attempt.status === 503 && attempt.retryAfterSeconds === undefined
      ? ["503 without Retry-After"]
      : [],
  );
  if (status === 200 || status === 503) return untold;
  const last = attempts.at(-1);
  return [
    ...untold,
    last?.outcome === "answered" ? `${status} ${last.text.slice(0, 100)}` : `${last?.outcome}`,
  ];
}
