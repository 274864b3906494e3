import { decodeJson, type JsonIssue } from "./json-decode.js";
import type { Decoded, ObjectSchema } from "./json-schema.js";
import { skipSpace } from "./json-syntax.js";
import { quoteText } from "./json-text.js";

/** Bytes of a body that are looked at (reference server facts, §1.2). */
export const bodyBytesMax = 64_000;

/** How a request that does not decode is answered. */
export interface DecodeFailure {
  readonly ok: false;
  readonly status: 400 | 413 | 415;
  readonly code: "bad_request";
  /** The answer's `error`, whole. */
  readonly text: string;
}

/** The body, or the answer to give. */
export type DecodeResult<Value> = { readonly ok: true; readonly value: Value } | DecodeFailure;

/** Refuses a request by its content type, which must start with `application/json` in lower case; else undefined. */
export function refuseContentType(contentType: string | undefined): DecodeFailure | undefined {
  if (contentType?.startsWith("application/json") === true) return undefined;
  return failure(415, "content-type is not application/json");
}

/**
 * Decodes the JSON object of a request body, strictly, with the reference server's error texts (reference server facts,
 * §1.2). The body may be cut off after `bodyBytesMax` and one more byte: nothing beyond is looked at.
 */
export function decodeStrictJson<Schema extends ObjectSchema>(
  body: Buffer,
  schema: Schema,
): DecodeResult<Decoded<Schema>> {
  const isCut = body.length > bodyBytesMax;
  const text = body.toString("latin1", 0, bodyBytesMax);
  const result = decodeJson(text, schema, "refuse");
  if (!result.ok) {
    const needsMore = result.issue.kind === "ended-early" || result.issue.kind === "empty";
    return isCut && needsMore ? tooLarge() : failure(400, describe(result.issue));
  }
  if (isCut && result.end === text.length && text.charCodeAt(result.end - 1) !== 0x7d) return tooLarge();
  if (hasMore(text, result.end)) return failure(400, "body must contain only one JSON object");
  return { ok: true, value: result.value };
}

// The reference server looks for another element of a list, so that a stray closing bracket, and all behind it, goes unseen.
function hasMore(text: string, end: number): boolean {
  const next = text[skipSpace(text, end)];
  return next !== undefined && next !== "}" && next !== "]";
}

function describe(issue: JsonIssue): string {
  switch (issue.kind) {
    case "empty":
      return "body must not be empty";
    case "ended-early":
      return "malformed json";
    case "syntax":
      return `malformed json at position ${issue.position}`;
    case "wrong-type":
      return `invalid value "${issue.field}" at position ${issue.position}`;
    default:
      return `unknown field ${quoteText(issue.name)}`;
  }
}

function tooLarge(): DecodeFailure {
  return failure(413, "http: request body too large");
}

function failure(status: DecodeFailure["status"], cause: string): DecodeFailure {
  const text = `error unmarshalling API call, code: ${status}: ${cause}`;
  return { ok: false, status, code: "bad_request", text };
}
