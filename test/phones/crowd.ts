import { setTimeout as sleep } from "node:timers/promises";
import { aLedger, enter } from "./ledger.js";
import type { Ledger } from "./ledger.js";
import { aPhone, keepRevisionToken, publishBody } from "./phone.js";
import type { Phone, PhoneOptions, PublishOptions } from "./phone.js";
import type { PublishAnswer, PublishClient } from "./publish-client.js";

/** A crowd of phones, each of which publishes once. */
export interface CrowdOptions extends Omit<PublishOptions, "nowSeconds"> {
  readonly phones: number;
  /** How many publishes are under way at most. */
  readonly concurrency: number;
  /** Publishes started a second; without it, as fast as the concurrency lets them. */
  readonly perSecond?: number;
  readonly client: PublishClient;
  /** Seed of the crowd; phone number n has the seed `<seed>/<n>`. Without it every crowd is another. */
  readonly seed?: string | number;
  /** What the phones have in common. */
  readonly phone?: Omit<PhoneOptions, "seed" | "nowSeconds">;
  /** Whether phones and certificates are made before the clock starts. Default `before`. */
  readonly prepare?: "before" | "on the way";
  /** Regions in which the server publishes these phones' keys, for the ledger. */
  readonly regions: readonly string[];
  /** Default: a new one. */
  readonly ledger?: Ledger;
  /** Called after each publish. */
  readonly onProgress?: (progress: CrowdProgress) => void;
  /** Starts no further publish once aborted. */
  readonly signal?: AbortSignal;
}

/** How far a crowd has got. */
export interface CrowdProgress {
  readonly done: number;
  readonly phones: number;
  readonly answer: PublishAnswer;
}

/** What came of a crowd. */
export interface CrowdResult {
  /** Seconds from the moment a phone wanted to publish to its final answer, retries included. */
  readonly latencySeconds: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
  /** Final answers by status; 0 is no answer. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Attempts after the first, in all. */
  readonly retries: number;
  /** From the first start to the last answer. */
  readonly seconds: number;
  readonly keysAcknowledged: number;
  readonly ledger: Ledger;
  /** The phones that published, with their tokens. */
  readonly phones: readonly Phone[];
}

interface Publication {
  readonly phone: Phone;
  readonly body: string;
}

/** Lets a crowd publish and waits for the last answer. */
export async function publishCrowd(options: CrowdOptions): Promise<CrowdResult> {
  const { phones, concurrency, prepare = "before", ledger = aLedger() } = options;
  const prepared =
    prepare === "before" ? Array.from({ length: phones }, (_, n) => preparePhone(options, n)) : [];
  const acknowledgedBefore = ledger.acknowledged.size;
  const finished: { phone: Phone; answer: PublishAnswer; latencySeconds: number }[] = [];
  const started = performance.now();
  let next = 0;

  async function work(): Promise<void> {
    while (next < phones && options.signal?.aborted !== true) {
      const number = next++;
      const wantedAt = await untilDue(number, started, options.perSecond);
      const { phone, body } = prepared[number] ?? preparePhone(options, number);
      const answer = await options.client.publish(body);
      keepRevisionToken(phone, answer);
      const { reportType = "confirmed", regions } = options;
      enter(ledger, { phone, answer, reportType, regions, nowMs: Date.now() });
      finished.push({ phone, answer, latencySeconds: (performance.now() - wantedAt) / 1000 });
      options.onProgress?.({ done: finished.length, phones, answer });
    }
  }

  await Promise.all(Array.from({ length: concurrency }, work));
  return {
    latencySeconds: quantiles(finished.map(({ latencySeconds }) => latencySeconds)),
    statuses: countStatuses(finished.map(({ answer }) => answer)),
    retries: finished.reduce((sum, { answer }) => sum + answer.attempts.length - 1, 0),
    seconds: (performance.now() - started) / 1000,
    keysAcknowledged: ledger.acknowledged.size - acknowledgedBefore,
    ledger,
    phones: finished.map(({ phone }) => phone),
  };
}

function preparePhone(options: CrowdOptions, number: number): Publication {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const seed = options.seed === undefined ? {} : { seed: `${options.seed}/${number}` };
  const phone = aPhone({ ...options.phone, ...seed, nowSeconds });
  return { phone, body: publishBody(phone, { ...options, nowSeconds }) };
}

/**
 * Waits until a phone's turn at a steady rate and returns that moment. Latency counts from it even if no worker was
 * free then: a slow server must not make its own numbers better by slowing down the crowd.
 */
async function untilDue(number: number, started: number, perSecond: number | undefined): Promise<number> {
  if (perSecond === undefined) return performance.now();
  const dueAt = started + (number / perSecond) * 1000;
  const early = dueAt - performance.now();
  if (early > 1) await sleep(early);
  return dueAt;
}

function quantiles(values: readonly number[]): CrowdResult["latencySeconds"] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

function countStatuses(answers: readonly PublishAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
