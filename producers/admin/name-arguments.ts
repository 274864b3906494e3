import { isSigningKeyName } from "../../shared/secrets/signing-key.js";
import type { Parsed } from "./parsed.js";

// Names travel in record keys, job names, object names and addresses, so that their characters are few.

/** The id of an entity: letters, digits, periods, underscores and hyphens, at most 64. */
export function parseId(text: string): Parsed<string> {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return { ok: true, value: text };
  return refuse(
    "an id has 1 to 64 letters, digits, periods, underscores or hyphens and starts with one of the first two",
  );
}

/** An app's name as phones send it, in lower case: no white space, at most 128 characters. */
export function parseAppName(text: string): Parsed<string> {
  if (/^[\x21-\x7e]{1,128}$/.test(text)) return { ok: true, value: text.toLowerCase() };
  return refuse("an app's name has 1 to 128 characters of ASCII without white space");
}

/** A region in upper case. */
export function parseRegion(text: string): Parsed<string> {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(text)) return { ok: true, value: text.toUpperCase() };
  return refuse("a region has 1 to 32 letters, digits, underscores or hyphens, such as US or US-CA");
}

/** Where an export's files lie: folders without a slash at either end. */
export function parseFilenameRoot(text: string): Parsed<string> {
  const parts = text.split("/");
  const fits = parts.every((part) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part));
  if (fits && text.length <= 200) return { ok: true, value: text };
  return refuse(
    "a filename root is like exports/us: letters, digits, periods, underscores, hyphens, no slash at the ends",
  );
}

/** A signing key's id or version, as phones accept it. */
export function parseSigningKeyName(text: string): Parsed<string> {
  if (isSigningKeyName(text)) return { ok: true, value: text };
  return refuse("phones accept 1 to 64 letters, digits, underscores and periods here");
}

/** Free text that is not empty: an issuer, an audience, a name; at most 200 characters. */
export function parseText(text: string): Parsed<string> {
  const trimmed = text.trim();
  // eslint-disable-next-line no-control-regex
  if (trimmed !== "" && trimmed.length <= 200 && !/[\x00-\x1f\x7f]/.test(trimmed))
    return { ok: true, value: trimmed };
  return refuse("expected 1 to 200 characters in one line");
}

/** Where a health authority lists its keys: an address that is fetched as it stands, so without a name or a password. */
export function parseJwksUri(text: string): Parsed<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  if (url === undefined || !isHttp || text.length > 1000)
    return refuse("expected an address such as https://ha.example/jwks.json, of at most 1000 characters");
  if (url.username !== "" || url.password !== "")
    return refuse("an address with a user name or a password would be shown to everybody who may read this");
  if (url.hash !== "") return refuse("the part after # is never sent, leave it out");
  return { ok: true, value: url.href };
}

function refuse(error: string): { ok: false; error: string } {
  return { ok: false, error };
}
