import { isUtf8 } from "node:buffer";

/**
 * The text of a JSON string, given what stands between its quotes (one byte in each character, syntax already
 * checked). Bytes that are not UTF-8, and halves of surrogate pairs, become U+FFFD (reference server facts, §1.2).
 */
export function readJsonText(inQuotes: string): string {
  if (!/[\\\x80-\xff]/.test(inQuotes)) return inQuotes;
  const text = decodeUtf8(inQuotes);
  const unescaped: string = JSON.parse(`"${text}"`);
  return unescaped.replace(/\p{Surrogate}/gu, "\uFFFD");
}

/**
 * Text in double quotes, escaped as the reference server's language quotes it (`%q`): what can't be printed is written
 * as `\x7f`, `\u00ad` or `\U000e0001`.
 */
export function quoteText(text: string): string {
  const escaped = Array.from(text, (character) => shortEscapes[character] ?? printable(character));
  return `"${escaped.join("")}"`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function printable(character: string): string {
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

// Unlike TextDecoder, which gives one U+FFFD for a truncated sequence, every bad byte gives its own.
function decodeUtf8(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const repaired: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + sequenceLength(bytes, at);
    if (end === at) repaired.push(0xef, 0xbf, 0xbd);
    else for (let next = at; next < end; next += 1) repaired.push(bytes[next] ?? 0);
    at = Math.max(end, at + 1);
  }
  return Buffer.from(repaired).toString("utf8");
}

// Bytes of the sequence that starts here, or 0 if it is cut short. Whole sequences of forbidden characters are left to
// the decoder, which gives them one U+FFFD a byte as well.
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  if (lead < 0xc0 || lead > 0xf7) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let next = at + 1; next < at + length; next += 1) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
