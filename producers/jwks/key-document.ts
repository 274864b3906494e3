import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";

// The document in which a health authority lists its keys: a bare array of JWKs, as the companion verification server
// serves it, or {"keys": […]} (RFC 7517). One bad entry spoils nothing but itself. Nothing here is trusted: a text of any
// kind gives an outcome.

/** A listed key that can verify certificates. */
export interface ListedKey {
  /** Absent where it is missing or no name for a version; then only a key that is known already is recognized. */
  readonly kid: string | undefined;
  readonly publicKey: KeyObject;
}

/** Why an entry is left out. */
export const ignoredReasons = [
  "not_a_key",
  "private_key",
  "other_use",
  "other_algorithm",
  "bad_point",
  "repeated",
  "no_kid",
] as const;
export type IgnoredReason = (typeof ignoredReasons)[number];

/** Why a document says nothing at all: whatever was known stays as it is. */
export const brokenReasons = ["empty", "not_json", "other_form", "too_many_keys", "no_usable_key"] as const;
export type BrokenReason = (typeof brokenReasons)[number];

export type KeyDocument =
  | {
      readonly kind: "listed";
      readonly keys: readonly ListedKey[];
      readonly ignored: readonly IgnoredReason[];
    }
  | { readonly kind: "broken"; readonly reason: BrokenReason; readonly ignored: readonly IgnoredReason[] };

export function parseKeyDocument(text: string, keysMax: number): KeyDocument {
  if (text.trim() === "") return broken("empty");
  const json = parseJson(text);
  if (json === undefined) return broken("not_json");
  const form = documentForm.safeParse(json);
  if (!form.success) return broken("other_form");
  const entries = Array.isArray(form.data) ? form.data : form.data.keys;
  if (entries.length === 0) return broken("empty");
  if (entries.length > keysMax) return broken("too_many_keys");
  const keys: ListedKey[] = [];
  const ignored: IgnoredReason[] = [];
  for (const entry of entries) {
    const read = readEntry(entry);
    if (typeof read === "string") ignored.push(read);
    else if (keys.some(({ publicKey }) => publicKey.equals(read.publicKey))) ignored.push("repeated");
    else keys.push(read);
  }
  return keys.length === 0 ? broken("no_usable_key", ignored) : { kind: "listed", keys, ignored };
}

const documentForm = z.union([z.array(z.unknown()), z.object({ keys: z.array(z.unknown()) })]);

/** RFC 7517, §4 and RFC 7518, §6.2. A value of another type than the standard's counts as another value. */
const anything = z.unknown().optional();
const jwk = z.looseObject({
  kty: anything,
  crv: anything,
  x: anything,
  y: anything,
  use: anything,
  key_ops: anything,
  alg: anything,
  kid: anything,
});

function readEntry(entry: unknown): ListedKey | IgnoredReason {
  const parsed = jwk.safeParse(entry);
  if (!parsed.success) return "not_a_key";
  const { kty, crv, x, y, use, key_ops: operations, alg, kid } = parsed.data;
  // A private key that lies open is compromised: it is as good as not listed.
  if ("d" in parsed.data) return "private_key";
  if (use !== undefined && use !== "sig") return "other_use";
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify")))
    return "other_use";
  if (kty !== "EC" || crv !== "P-256" || (alg !== undefined && alg !== "ES256")) return "other_algorithm";
  const publicKey = publicKeyOf(x, y);
  if (publicKey === undefined) return "bad_point";
  return { kid: isVersion(kid) ? kid : undefined, publicKey };
}

function publicKeyOf(x: unknown, y: unknown): KeyObject | undefined {
  if (!isCoordinate(x) || !isCoordinate(y)) return undefined;
  try {
    return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  } catch {
    return undefined;
  }
}

/** 32 bytes; some libraries leave leading zeros out. */
function isCoordinate(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,43}$/.test(value);
}

/** What an operator can name as a key's version, too. */
function isVersion(kid: unknown): kid is string {
  // eslint-disable-next-line no-control-regex
  return typeof kid === "string" && /^[^\x00-\x1f\x7f]{1,200}$/.test(kid) && kid.trim() === kid;
}

/** Undefined where the text is no JSON; JSON itself has no such value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function broken(reason: BrokenReason, ignored: readonly IgnoredReason[] = []): KeyDocument {
  return { kind: "broken", reason, ignored };
}
