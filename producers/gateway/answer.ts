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
  | "unknown_health_authority_id";

/** How many bytes of random padding an answer gets: at least `min`, less than `min + range`. */
export interface PaddingRule {
  readonly paddingBytesMin: number;
  readonly paddingBytesRange: number;
}

const retryAfterSeconds = 5;
const escapes: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** The bytes of an answer, with its headers. Fields that are empty are left out; characters are escaped as Go does. */
export function renderAnswer(answer: PublishAnswer, rule: PaddingRule): Reply {
  const { revisionToken = "", insertedExposures = 0, error = "", code, warnings = [] } = answer;
  const fields = {
    ...(revisionToken === "" ? {} : { revisionToken }),
    ...(insertedExposures === 0 ? {} : { insertedExposures }),
    ...(error === "" ? {} : { error }),
    ...(code === undefined ? {} : { code }),
    padding: padding(rule),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
  const text = JSON.stringify(fields).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => escapes[character] ?? character,
  );
  const body = Buffer.from(text);
  const headers = {
    "Content-Type": "application/json",
    "X-Api-Version": "v1",
    ...(answer.status === 503 ? { "Retry-After": retryAfterSeconds } : {}),
  };
  return { status: answer.status, headers, body };
}

function padding({ paddingBytesMin, paddingBytesRange }: PaddingRule): string {
  return randomBytes(paddingBytesMin + randomInt(Math.max(1, paddingBytesRange))).toString("base64");
}
