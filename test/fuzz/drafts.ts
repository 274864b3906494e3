import { v1, v1Alpha1, type Sample } from "../compatibility/samples.js";
import { signCertificate, type HealthAuthority } from "../phones/health-authority.js";
import { aPhone, publishBody } from "../phones/phone.js";
import type { Draft } from "./draft.js";

const phonesCount = 100;
/** Longer than the longest run takes. */
const certificateLifeSeconds = 6 * 3600;

export interface DraftOptions {
  readonly seed: string;
  readonly authority: HealthAuthority;
  /** Names of apps; the phones are shared out among them. */
  readonly appNames: readonly string[];
  readonly nowSeconds: number;
}

/** What mutations begin with: the recorded requests, and as many of phones that would be accepted. */
export function draftsOf(options: DraftOptions): readonly Draft[] {
  const recorded = [...v1, ...v1Alpha1.samples].map(recordedDraft);
  return [...recorded, ...Array.from({ length: phonesCount }, (_, number) => phoneDraft(options, number))];
}

function recordedDraft(sample: Sample): Draft {
  const headers = Object.entries(sample.request_headers ?? {});
  return { ...usual, method: sample.method, target: sample.path, headers, body: recordedBody(sample) };
}

function recordedBody(sample: Sample): Buffer {
  if (sample.request_body_base64 !== undefined) return Buffer.from(sample.request_body_base64, "base64");
  return Buffer.from(
    sample.request_body === undefined ? (sample.request_body_raw ?? "") : JSON.stringify(sample.request_body),
  );
}

function phoneDraft({ seed, authority, appNames, nowSeconds }: DraftOptions, number: number): Draft {
  const phone = aPhone({ seed: `${seed}/phone ${number}`, nowSeconds, traveler: number % 3 === 0 });
  const { keys, hmacSecret, symptomOnsetInterval } = phone;
  const reportType = "confirmed";
  const healthAuthorityID = appNames[number % appNames.length] ?? "";
  const body = JSON.parse(publishBody(phone, { authority, healthAuthorityID, nowSeconds })) as object;
  const certificate = {
    keys,
    hmacSecret,
    reportType,
    symptomOnsetInterval,
    issuedAtSeconds: nowSeconds,
  } as const;
  const verificationPayload = signCertificate(authority, {
    ...certificate,
    lifeSeconds: certificateLifeSeconds,
  });
  return { ...usual, body: Buffer.from(JSON.stringify({ ...body, verificationPayload })) };
}

const usual: Omit<Draft, "body"> = {
  method: "POST",
  target: "/v1/publish",
  headers: [["Content-Type", "application/json"]],
  framing: "length",
  goesAway: false,
  writes: 1,
};
