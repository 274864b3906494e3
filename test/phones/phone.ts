import { signCertificate } from "./health-authority.js";
import type { HealthAuthority, ReportType } from "./health-authority.js";
import type { PublishAnswer, PublishClient } from "./publish-client.js";
import { seededRandom } from "./seeded-random.js";
import type { SeededRandom } from "./seeded-random.js";
import type { SentKey } from "./tekmac.js";

/** A simulated phone. Only its revision token changes after it was made. */
export interface Phone {
  /** Its daily keys, newest first. */
  readonly keys: readonly SentKey[];
  readonly hmacSecret: Uint8Array;
  /** Interval number of the UTC midnight of the day of onset. */
  readonly symptomOnsetInterval: number;
  readonly traveler: boolean;
  readonly random: SeededRandom;
  /** The token of the last answer that had one. */
  revisionToken: string | undefined;
}

/** What a test may want to differ about a phone. */
export interface PhoneOptions {
  /** The same seed and time make the same phone; without a seed every phone is another. */
  readonly seed?: string | number;
  /** The phone's clock, in Unix seconds. */
  readonly nowSeconds: number;
  /** How many daily keys it has; default 14. */
  readonly dailyKeys?: number;
  /** Whether the newest key is today's, still usable on air for the rest of the day; default false: yesterday's. */
  readonly includingToday?: boolean;
  readonly traveler?: boolean;
  /** Default: 2 to 7 days ago. */
  readonly symptomOnsetDaysAgo?: number;
  /** Default absent, as phones are told to leave it. */
  readonly transmissionRisk?: number;
}

/** Whom a phone talks to, and what it has to say. */
export interface PublishOptions {
  readonly authority: HealthAuthority;
  /** Name under which the server knows the app. */
  readonly healthAuthorityID: string;
  /** Default `confirmed`. */
  readonly reportType?: ReportType;
  /** The moment of the certificate, in Unix seconds. */
  readonly nowSeconds: number;
}

const intervalsPerDay = 144;

/** Makes a phone that rolled one key a day. */
export function aPhone(options: PhoneOptions): Phone {
  const random = seededRandom(options.seed);
  const today = Math.floor(options.nowSeconds / 86_400) * intervalsPerDay;
  const newest = options.includingToday === true ? today : today - intervalsPerDay;
  const keys = Array.from({ length: options.dailyKeys ?? 14 }, (_, age) => ({
    key: random.bytes(16).toString("base64"),
    rollingStartNumber: newest - age * intervalsPerDay,
    rollingPeriod: intervalsPerDay,
    ...(options.transmissionRisk !== undefined && { transmissionRisk: options.transmissionRisk }),
  }));
  return {
    keys,
    hmacSecret: random.bytes(16),
    symptomOnsetInterval: today - (options.symptomOnsetDaysAgo ?? 2 + random.below(6)) * intervalsPerDay,
    traveler: options.traveler ?? false,
    random,
    revisionToken: undefined,
  };
}

/**
 * Makes the JSON text of a v1 publish (reference server facts, §1.3): a fresh certificate, the token if the phone
 * has one, and 1 to 2 kB of padding. To repeat a request, send the same text again: each call makes another one.
 */
export function publishBody(phone: Phone, options: PublishOptions): string {
  const { keys, hmacSecret, symptomOnsetInterval, traveler, random, revisionToken } = phone;
  const { authority, healthAuthorityID, reportType = "confirmed", nowSeconds } = options;
  const certificate = { keys, hmacSecret, reportType, symptomOnsetInterval, issuedAtSeconds: nowSeconds };
  return JSON.stringify({
    temporaryExposureKeys: keys,
    healthAuthorityID,
    verificationPayload: signCertificate(authority, certificate),
    hmacKey: Buffer.from(hmacSecret).toString("base64"),
    symptomOnsetInterval,
    ...(traveler && { traveler }),
    ...(revisionToken !== undefined && { revisionToken }),
    padding: random.bytes(768 + random.below(768)).toString("base64"),
  });
}

/** Publishes the phone's keys and keeps the revision token of the answer. */
export async function publish(
  phone: Phone,
  client: PublishClient,
  options: PublishOptions,
): Promise<PublishAnswer> {
  const answer = await client.publish(publishBody(phone, options));
  keepRevisionToken(phone, answer);
  return answer;
}

/** Keeps the token of an answer, if it has one. */
export function keepRevisionToken(phone: Phone, answer: PublishAnswer): void {
  const token = answer.body?.revisionToken;
  if (answer.status === 200 && token !== undefined && token !== "") phone.revisionToken = token;
}
