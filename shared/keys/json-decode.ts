import {
  absentValue,
  type Decoded,
  type Field,
  fieldNamed,
  type JsonSchema,
  type ObjectSchema,
} from "./json-schema.js";
import { endedEarly, scanJson, skipSpace } from "./json-syntax.js";
import { readJsonText } from "./json-text.js";

/** Why a text does not decode. Positions count bytes from 1: up to the bad byte, or to the end of the bad value. */
export type JsonIssue =
  | { readonly kind: "empty" }
  | { readonly kind: "ended-early" }
  | { readonly kind: "syntax"; readonly position: number }
  | { readonly kind: "wrong-type"; readonly field: string; readonly position: number }
  | { readonly kind: "unknown-field"; readonly name: string };

/** The value, and the index just past it; or the first issue. */
export type JsonResult<Value> =
  | { readonly ok: true; readonly value: Value; readonly end: number }
  | { readonly ok: false; readonly issue: JsonIssue };

/**
 * Decodes the first JSON value of a text by a schema; what follows it is the caller's business. The text holds one byte
 * in each character (latin1).
 *
 * The syntax of the whole value is checked first; then the first wrong type or, unless they are ignored, unknown field
 * in document order counts. Names match in any letter case, the last of repeated fields wins, and null counts as absent:
 * on a field that came before it clears a list and leaves anything else (reference server facts, §1.2).
 */
export function decodeJson<Schema extends ObjectSchema>(
  text: string,
  schema: Schema,
  unknownFields: "refuse" | "ignore",
): JsonResult<Decoded<Schema>> {
  const end = scanJson(text);
  if (end < 0) return { ok: false, issue: syntaxIssue(text, end) };
  const cursor: Cursor = {
    text: text.slice(0, end),
    at: skipSpace(text, 0),
    path: [],
    refusesUnknown: unknownFields === "refuse",
  };
  const value = decodeValue(cursor, schema, undefined);
  if (cursor.issue !== undefined) return { ok: false, issue: cursor.issue };
  return { ok: true, value, end };
}

// Walks a value whose syntax is known to be right.
interface Cursor {
  readonly text: string;
  at: number;
  /** Names of the fields around the cursor. */
  readonly path: string[];
  readonly refusesUnknown: boolean;
  issue?: JsonIssue;
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

function syntaxIssue(text: string, end: number): JsonIssue {
  if (end !== endedEarly) return { kind: "syntax", position: -end };
  return { kind: skipSpace(text, 0) === text.length ? "empty" : "ended-early" };
}

// The compiler can't follow a schema's value through the walk: the first line states what the tests hold.
function decodeValue<Schema extends JsonSchema>(
  cursor: Cursor,
  schema: Schema,
  before: unknown,
): Decoded<Schema>;
function decodeValue(cursor: Cursor, schema: JsonSchema, before: unknown): unknown {
  const byte = cursor.text.charCodeAt(cursor.at);
  if (byte === openBrace)
    return schema.kind === "object" ? decodeObject(cursor, schema) : refuseComposite(cursor);
  if (byte === openBracket)
    return schema.kind === "array" ? decodeArray(cursor, schema.element) : refuseComposite(cursor);
  if (byte === quote) {
    const text = takeString(cursor);
    return schema.kind === "string" ? text : refuse(cursor);
  }
  const isInteger = schema.kind === "int32" || schema.kind === "int64" || schema.kind === "uint32";
  return (isInteger ? takeShortInteger(cursor) : undefined) ?? decodeWord(cursor, schema, before);
}

// Null, true, false or any number.
function decodeWord(cursor: Cursor, schema: JsonSchema, before: unknown): unknown {
  const word = takeWord(cursor);
  if (word === "null") return schema.kind === "array" ? [] : (before ?? absentValue(schema));
  if (schema.kind === "bool") return word === "true" ? true : word === "false" ? false : refuse(cursor);
  return readInteger(word, schema.kind) ?? refuse(cursor);
}

// Lists and objects end early at an issue: nothing behind the first one counts.
function decodeObject(cursor: Cursor, schema: ObjectSchema): unknown {
  const value: Record<string, unknown> = { ...schema.absent };
  cursor.at = skipSpace(cursor.text, cursor.at + 1);
  while (cursor.text.charCodeAt(cursor.at) !== closeBrace && cursor.issue === undefined) {
    const field = takeField(cursor, schema);
    cursor.at = skipSpace(cursor.text, skipSpace(cursor.text, cursor.at) + 1);
    if (typeof field === "string") refuseUnknown(cursor, field);
    else {
      cursor.path.push(field.name);
      value[field.name] = decodeValue(cursor, field.schema, value[field.name]);
      cursor.path.pop();
    }
    skipComma(cursor);
  }
  cursor.at += 1;
  return value;
}

function decodeArray(cursor: Cursor, element: JsonSchema): unknown[] {
  const values: unknown[] = [];
  cursor.at = skipSpace(cursor.text, cursor.at + 1);
  while (cursor.text.charCodeAt(cursor.at) !== closeBracket && cursor.issue === undefined) {
    values.push(decodeValue(cursor, element, undefined));
    skipComma(cursor);
  }
  cursor.at += 1;
  return values;
}

// The field that is named here, or the name if there is none. Most names are written as in the schema: they are
// compared in place, without making a string.
function takeField(cursor: Cursor, schema: ObjectSchema): Field | string {
  const { text } = cursor;
  const start = cursor.at + 1;
  const end = closingQuote(text, start);
  cursor.at = end + 1;
  const exact = schema.byNameLength.get(end - start)?.find((field) => text.startsWith(field.name, start));
  if (exact !== undefined) return exact;
  const name = readJsonText(text.slice(start, end));
  return fieldNamed(schema, name) ?? name;
}

function skipComma(cursor: Cursor): void {
  cursor.at = skipSpace(cursor.text, cursor.at);
  if (cursor.text.charCodeAt(cursor.at) === comma) cursor.at = skipSpace(cursor.text, cursor.at + 1);
}

// The value just taken has a type that its place does not allow.
function refuse(cursor: Cursor): undefined {
  cursor.issue = { kind: "wrong-type", field: cursor.path.join("."), position: cursor.at };
  return undefined;
}

// An object or list has its position just past the opening bracket.
function refuseComposite(cursor: Cursor): undefined {
  cursor.at += 1;
  return refuse(cursor);
}

function refuseUnknown(cursor: Cursor, name: string): void {
  if (cursor.refusesUnknown) cursor.issue = { kind: "unknown-field", name };
  else skipValue(cursor);
}

function skipValue(cursor: Cursor): void {
  let depth = 0;
  do {
    const byte = cursor.text.charCodeAt(cursor.at);
    if (byte === quote) cursor.at = closingQuote(cursor.text, cursor.at + 1) + 1;
    else if (byte === openBrace || byte === openBracket || byte === closeBrace || byte === closeBracket) {
      depth += byte === openBrace || byte === openBracket ? 1 : -1;
      cursor.at += 1;
    } else if (depth > 0) cursor.at += 1;
    else takeWord(cursor);
  } while (depth > 0);
}

function takeString(cursor: Cursor): string {
  const start = cursor.at + 1;
  const end = closingQuote(cursor.text, start);
  cursor.at = end + 1;
  return readJsonText(cursor.text.slice(start, end));
}

function closingQuote(text: string, start: number): number {
  const end = text.indexOf('"', start);
  if (text.charCodeAt(end - 1) !== 0x5c) return end;
  let at = start;
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

const word = /[-+.0-9A-Za-z]*/y;

// A number, true, false or null.
function takeWord(cursor: Cursor): string {
  const start = cursor.at;
  word.lastIndex = start;
  word.test(cursor.text);
  cursor.at = word.lastIndex;
  return cursor.text.slice(start, cursor.at);
}

// Digits that fit every integer type, or undefined: then the cursor has not moved.
function takeShortInteger(cursor: Cursor): number | undefined {
  const { text, at: start } = cursor;
  let at = start;
  let value = 0;
  for (let byte = text.charCodeAt(at); byte >= 0x30 && byte <= 0x39; byte = text.charCodeAt(at)) {
    value = value * 10 + byte - 0x30;
    at += 1;
  }
  // Only a dot or an exponent can follow the digits of one number.
  if (at === start || at > start + 9 || text[at] === "." || (text.charCodeAt(at) | 0x20) === 0x65)
    return undefined;
  cursor.at = at;
  return value;
}

function readInteger(word: string, kind: JsonSchema["kind"]): number | bigint | undefined {
  // No integer type has more characters: longer ones are not worth reading.
  if (word.length > 20 || !/^-?[0-9]+$/.test(word)) return undefined;
  if (kind === "int32") return within(Number(word), -0x8000_0000, 0x7fff_ffff);
  if (kind === "uint32") return word.startsWith("-") ? undefined : within(Number(word), 0, 0xffff_ffff);
  if (kind !== "int64") return undefined;
  const value = Number(word);
  if (Number.isSafeInteger(value)) return value + 0;
  const exact = BigInt(word);
  return BigInt.asIntN(64, exact) === exact ? exact : undefined;
}

function within(value: number, min: number, max: number): number | undefined {
  // Adding 0 turns -0 into 0.
  return value >= min && value <= max ? value + 0 : undefined;
}
