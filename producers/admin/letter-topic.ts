import { deadLetters, deadLetterTopic, type ProcessName } from "../../shared/topology.js";
import type { Parsed } from "./parsed.js";

/** A dead-letter topic of the map. */
export interface LetterTopic {
  /** Without the prefix. */
  readonly name: string;
  /** The topic whose records it holds. */
  readonly source: string;
  readonly process: ProcessName;
}

export const letterTopics: readonly LetterTopic[] = deadLetters.map(({ stream, process }) => ({
  name: deadLetterTopic(stream, process),
  source: stream.topic,
  process,
}));

/** A dead-letter topic by its name, or by the topic that its records come from if only one process reads that. */
export function parseLetterTopic(text: string): Parsed<LetterTopic> {
  const named = letterTopics.find(({ name }) => name === text);
  const ofSource = letterTopics.filter(({ source }) => source === text);
  const found = named ?? (ofSource.length === 1 ? ofSource[0] : undefined);
  if (found !== undefined) return { ok: true, value: found };
  const names = letterTopics.map(({ name }) => `\n  ${name}`).join("");
  return { ok: false, error: `there is no such dead-letter topic; there are, without the prefix:${names}\n` };
}

/** An offset in a dead-letter topic. */
export function parseOffset(text: string): Parsed<number> {
  if (/^\d{1,15}$/.test(text)) return { ok: true, value: Number(text) };
  return { ok: false, error: 'an offset is a whole number, as "tekstream dlq list" shows it' };
}

/** How many lines to print. */
export function parseLimit(text: string): Parsed<number> {
  if (/^[1-9]\d{0,4}$/.test(text)) return { ok: true, value: Number(text) };
  return { ok: false, error: "expected a whole number from 1 to 99999" };
}
