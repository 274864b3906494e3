import { randomBytes, randomInt } from "node:crypto";
import type { Reply } from "./reply.js";

/** An answer of the publish API before it becomes bytes. Facts, §1.4 and §1.5. */
export interface PublishAnswer {
  readonly status: 200 | 400 | 401 | 413 | 415 | 500 | 503;
  readonly revisionToken?: string;
  readonly insertedExposures?: number;
  readonly error?: string;
  readonly code?: AnswerCode;
  readonly warnings?: readonly string[];
}

export type AnswerCode =
  | "bad_request"
  | "health_authority_missing_region_config"
  | "health_authority_verification_certificate_invalid"
  | "internal_error"
  | "invalid_report_type_transition"
  | "invalid_revision_token"
  | "key_already_revised"
  | "missing_revision_token"
  | "partial_failure"
  // Only v1alpha1 can say so, which tells no codes: it is for the metrics.
  | "unauthorized_region"
  | "unknown_health_authority_id";

/** How many bytes of random padding an answer gets: at least `min`, less than `min + range`. */
export interface PaddingRule {
  readonly paddingBytesMin: number;
  readonly paddingBytesRange: number;
}

const retryAfterSeconds = 5;
const paddingBytesDefault = 1024;
const escapes: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** An answer of v1: fields that are empty are left out. */
export function renderAnswer(answer: PublishAnswer, rule: PaddingRule): Reply {
  const { revisionToken = "", insertedExposures = 0, error = "", code, warnings = [] } = answer;
  return reply(answer, "v1", {
    ...(revisionToken === "" ? {} : { revisionToken }),
    ...(insertedExposures === 0 ? {} : { insertedExposures }),
    ...(error === "" ? {} : { error }),
    ...(code === undefined ? {} : { code }),
    padding: padding(rule),
    ...(warnings.length === 0 ? {} : { warnings }),
  });
}

/** The same of v1alpha1: there are no codes, and all but warnings is always there. Facts, §1.8. */
export function renderAlphaAnswer(answer: PublishAnswer, rule: PaddingRule): Reply {
  const { revisionToken = "", insertedExposures = 0, error = "", warnings = [] } = answer;
  return reply(answer, "v1alpha", {
    revisionToken,
    insertedExposures,
    error,
    padding: padding(rule),
    ...(warnings.length === 0 ? {} : { warnings }),
  });
}

/** Characters are escaped as Go does. */
function reply({ status }: PublishAnswer, version: string, fields: object): Reply {
  const text = JSON.stringify(fields).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => escapes[character] ?? character,
  );
  const headers = {
    "Content-Type": "application/json",
    "X-Api-Version": version,
    ...(status === 503 ? { "Retry-After": retryAfterSeconds } : {}),
  };
  return { status, headers, body: Buffer.from(text) };
}

/** Nobody can switch padding off: what is not positive stands for the default. Facts, §1.4. */
function padding({ paddingBytesMin, paddingBytesRange }: PaddingRule): string {
  const bytesMin = paddingBytesMin > 0 ? paddingBytesMin : paddingBytesDefault;
  const range = paddingBytesRange > 0 ? paddingBytesRange : paddingBytesDefault;
  return randomBytes(bytesMin + randomInt(range)).toString("base64");
}
