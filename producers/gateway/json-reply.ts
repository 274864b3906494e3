import { randomBytes, randomInt } from "node:crypto";
import type { Reply } from "./reply.js";

/** How many bytes of random padding an answer gets: at least `min`, less than `min + range`. */
export interface PaddingRule {
  readonly paddingBytesMin: number;
  readonly paddingBytesRange: number;
}

const retryAfterSeconds = 5;
/** Facts, §1.4. */
const paddingBytesDefault = 1024;
const escaped = /[<>&\u2028\u2029]/g;
const escapes: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** Of every answer in JSON. */
export const jsonHeaders: Reply["headers"] = { "Content-Type": "application/json" };

/** An answer in JSON, characters escaped as Go does; `headers` are all it has. Whoever gets 503 is told when to ask again. */
export function jsonReply(
  status: number,
  fields: Readonly<Record<string, unknown>>,
  headers = jsonHeaders,
): Reply {
  const text = JSON.stringify(fields).replaceAll(escaped, (character) => escapes[character] ?? character);
  return {
    status,
    headers: status === 503 ? { ...headers, "Retry-After": retryAfterSeconds } : headers,
    body: Buffer.from(text),
  };
}

/** Random text that hides how long an answer is. Nobody can switch it off: what is not positive stands for the default. */
export function padding({ paddingBytesMin, paddingBytesRange }: PaddingRule): string {
  const bytesMin = paddingBytesMin > 0 ? paddingBytesMin : paddingBytesDefault;
  const range = paddingBytesRange > 0 ? paddingBytesRange : paddingBytesDefault;
  return randomBytes(bytesMin + randomInt(range)).toString("base64");
}
