/** Bytes, or why the text is not base64. The position counts bytes of the text from 0. */
export type Base64Result =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly error: `illegal base64 data at input byte ${number}` };

/**
 * Decodes base64 the way phones may send it: standard or URL alphabet or both mixed, any number of `=` at the end,
 * CR and LF anywhere, unused last bits of any value (reference server facts, §2.2).
 */
export function decodeLenientBase64(text: string): Base64Result {
  return decodeAlphabet(withoutTrailingPadding(text), mixedAlphabet);
}

/** Decodes a segment of a JWS: the URL alphabet without padding; CR and LF are skipped (RFC 4648 §5). */
export function decodeBase64Url(text: string): Base64Result {
  return decodeAlphabet(text, urlAlphabet);
}

const plainCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const urlAlphabet = alphabet(`${plainCharacters}-_`);
const mixedAlphabet = alphabet(`${plainCharacters}-_+/`);
const lineFeed = 10;
const carriageReturn = 13;

function decodeAlphabet(text: string, allowed: Uint8Array): Base64Result {
  let significant = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (allowed[character] === 1) significant += 1;
    else if (character !== lineFeed && character !== carriageReturn) return illegal(at);
  }
  // One character alone holds six bits, not a byte. The text is ASCII by now, so positions are bytes.
  if (significant % 4 === 1) return illegal(text.length - 1);
  return { ok: true, bytes: Buffer.from(text, "base64") };
}

function illegal(position: number): Base64Result {
  return { ok: false, error: `illegal base64 data at input byte ${position}` };
}

function withoutTrailingPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x3d) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

function alphabet(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
