/** `scanJson` came to the end of the text before the value was complete. */
export const endedEarly = Number.MIN_SAFE_INTEGER;

/** Brackets that may be open at once; one more is a syntax error. */
export const nestingMax = 10_000;

/**
 * Checks the syntax of the first JSON value of a text, without recursion. The text holds one byte in each character
 * (latin1), so that positions are bytes.
 *
 * Returns the index just past the value; or `endedEarly`; or, negated, the position of the first byte that no JSON value
 * can have there, counted from 1. What follows the value is not looked at.
 */
export function scanJson(text: string): number {
  const closers: number[] = [];
  let at = skipSpace(text, 0);
  for (;;) {
    at = scanToValueEnd(text, at, closers);
    if (at < 0 || closers.length === 0) return at;
    at = scanToNextValue(text, at, closers);
    if (at < 0 || closers.length === 0) return at;
  }
}

/** The index of the first character that is not JSON white space, from `at` on. */
export function skipSpace(text: string, at: number): number {
  for (let next = at; ; next += 1) {
    const byte = text.charCodeAt(next);
    if (byte > 0x20) return next;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return next;
  }
}

const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const zero = 0x30;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

// From the start of a value to the end of the first complete one in it: opens brackets on the way, down to a scalar or
// an empty object or list.
function scanToValueEnd(text: string, start: number, closers: number[]): number {
  let at = start;
  while (at >= 0) {
    const byte = text.charCodeAt(at);
    if (byte !== openBrace && byte !== openBracket) return scanScalar(text, at, byte);
    const closer = byte === openBrace ? closeBrace : closeBracket;
    if (closers.length >= nestingMax) return unexpected(at);
    closers.push(closer);
    at = skipSpace(text, at + 1);
    if (text.charCodeAt(at) === closer) {
      closers.pop();
      return at + 1;
    }
    if (byte === openBrace) at = scanName(text, at);
  }
  return at;
}

// From the end of a value to the start of the next one, closing brackets on the way; or, if the last is closed, past it.
function scanToNextValue(text: string, start: number, closers: number[]): number {
  let at = start;
  for (let closer = closers.at(-1); closer !== undefined; closer = closers.at(-1)) {
    at = skipSpace(text, at);
    const byte = text.charCodeAt(at);
    if (byte === comma)
      return closer === closeBrace ? scanName(text, skipSpace(text, at + 1)) : skipSpace(text, at + 1);
    if (byte !== closer) return unexpectedOrEnd(text, at);
    closers.pop();
    at += 1;
  }
  return at;
}

// A name with its colon, up to the value.
function scanName(text: string, at: number): number {
  if (at >= text.length) return endedEarly;
  if (text.charCodeAt(at) !== quote) return unexpected(at);
  const end = scanString(text, at + 1);
  if (end < 0) return end;
  const colon = skipSpace(text, end);
  if (colon >= text.length) return endedEarly;
  return text.charCodeAt(colon) === 0x3a ? skipSpace(text, colon + 1) : unexpected(colon);
}

function scanScalar(text: string, at: number, byte: number): number {
  if (at >= text.length) return endedEarly;
  if (byte === quote) return scanString(text, at + 1);
  if (byte === minus || isDigit(byte)) return scanNumber(text, at);
  if (byte === 0x74) return scanWord(text, at, "true");
  if (byte === 0x66) return scanWord(text, at, "false");
  if (byte === 0x6e) return scanWord(text, at, "null");
  return unexpected(at);
}

// From just past the opening quote to just past the closing one.
function scanString(text: string, start: number): number {
  let at = start;
  for (;;) {
    at = skipPlain(text, at);
    const byte = text.charCodeAt(at);
    if (byte === quote) return at + 1;
    if (byte !== backslash) return unexpectedOrEnd(text, at);
    at = scanEscape(text, at + 1);
    if (at < 0) return at;
  }
}

const plainRun = /[ !#-[\]-\xff]*/y;

// To the first character of a string that does not stand for itself. Short strings are faster by hand, long ones by far
// with an expression.
function skipPlain(text: string, start: number): number {
  const longFrom = start + 32;
  for (let at = start; at < longFrom; at += 1) {
    const byte = text.charCodeAt(at);
    if (!(byte >= 0x20) || byte === quote || byte === backslash) return at;
  }
  plainRun.lastIndex = longFrom;
  plainRun.test(text);
  return plainRun.lastIndex;
}

function scanEscape(text: string, at: number): number {
  const byte = text[at];
  if (byte === undefined) return endedEarly;
  if (byte !== "u") return `"\\/bfnrt`.includes(byte) ? at + 1 : unexpected(at);
  for (let digit = at + 1; digit <= at + 4; digit += 1) {
    if (digit >= text.length) return endedEarly;
    if (!/[0-9a-fA-F]/.test(text.charAt(digit))) return unexpected(digit);
  }
  return at + 5;
}

function scanNumber(text: string, start: number): number {
  let at = text.charCodeAt(start) === minus ? start + 1 : start;
  at = text.charCodeAt(at) === zero ? at + 1 : scanDigits(text, at);
  if (at >= 0 && text.charCodeAt(at) === 0x2e) at = scanDigits(text, at + 1);
  if (at >= 0 && (text.charCodeAt(at) | 0x20) === 0x65) {
    const sign = text.charCodeAt(at + 1);
    at = scanDigits(text, sign === minus || sign === 0x2b ? at + 2 : at + 1);
  }
  return at;
}

function scanDigits(text: string, start: number): number {
  if (!isDigit(text.charCodeAt(start))) return unexpectedOrEnd(text, start);
  let at = start + 1;
  while (isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

function scanWord(text: string, start: number, word: string): number {
  for (let offset = 1; offset < word.length; offset += 1) {
    if (text.charCodeAt(start + offset) !== word.charCodeAt(offset))
      return unexpectedOrEnd(text, start + offset);
  }
  return start + word.length;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= 0x39;
}

function unexpectedOrEnd(text: string, at: number): number {
  return at >= text.length ? endedEarly : unexpected(at);
}

function unexpected(at: number): number {
  return -(at + 1);
}
