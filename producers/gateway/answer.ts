import { jsonHeaders, jsonReply, padding, type PaddingRule } from "./json-reply.js";
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

export function refuse(status: PublishAnswer["status"], code: AnswerCode, error: string): PublishAnswer {
  return { status, code, error };
}

/** An answer of v1: fields that are empty are left out. */
export function renderAnswer(answer: PublishAnswer, rule: PaddingRule): Reply {
  const { revisionToken = "", insertedExposures = 0, error = "", code, warnings = [] } = answer;
  return versioned(answer, "v1", {
    revisionToken: revisionToken === "" ? undefined : revisionToken,
    insertedExposures: insertedExposures === 0 ? undefined : insertedExposures,
    error: error === "" ? undefined : error,
    code,
    padding: padding(rule),
    warnings: warnings.length === 0 ? undefined : warnings,
  });
}

/** The same of v1alpha1: there are no codes, and all but warnings is always there. Facts, §1.8. */
export function renderAlphaAnswer(answer: PublishAnswer, rule: PaddingRule): Reply {
  const { revisionToken = "", insertedExposures = 0, error = "", warnings = [] } = answer;
  return versioned(answer, "v1alpha", {
    revisionToken,
    insertedExposures,
    error,
    padding: padding(rule),
    warnings: warnings.length === 0 ? undefined : warnings,
  });
}

const headersOf = {
  v1: { ...jsonHeaders, "X-Api-Version": "v1" },
  v1alpha: { ...jsonHeaders, "X-Api-Version": "v1alpha" },
};

function versioned(
  { status }: PublishAnswer,
  version: keyof typeof headersOf,
  fields: Readonly<Record<string, unknown>>,
): Reply {
  return jsonReply(status, fields, headersOf[version]);
}
