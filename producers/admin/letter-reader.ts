import type { LogRecord } from "../../shared/kafka/log-record.js";
import { RangeReader } from "../../shared/kafka/range-reader.js";
import { topicLimits } from "../../shared/kafka/topic-limits.js";
import { Refused } from "./failures.js";
import { letterOf, type Letter } from "./letter.js";
import { letterTopics, type LetterTopic } from "./letter-topic.js";
import type { Session } from "./session.js";

/** The offsets that a topic holds, half-open, as they are at one moment. */
export interface LetterSpan {
  readonly low: number;
  readonly high: number;
}

/** Reads dead letters; those that are written meanwhile are not met. */
export interface LetterReader {
  span(topic: LetterTopic): Promise<LetterSpan>;
  /** Looks at every letter of a span, in order. @throws {Unavailable} */
  look(topic: LetterTopic, span: LetterSpan, at: (letters: readonly Letter[]) => void): Promise<void>;
  /** Hands over the letters of a span, a few at a time and in order, to work on. @throws {Unavailable} */
  read(
    topic: LetterTopic,
    span: LetterSpan,
    take: (letters: readonly Letter[]) => Promise<void>,
  ): Promise<void>;
  /** @throws {Refused} when there is none. */
  one(topic: LetterTopic, offset: number): Promise<Letter>;
}

/** Letters that are in memory at a time when they are worked on. The largest have 2 MB. */
const readOffsetsMax = 50;
/** Letters that are looked at between two looks at the clock. */
const lookOffsetsMax = 5000;

/** Opens a reader, gives it to `work`, and closes it however that ends. */
export async function withLetters(
  { connection, waitSecondsMax }: Session,
  work: (letters: LetterReader) => Promise<void>,
): Promise<void> {
  const ranges = new RangeReader(
    connection,
    letterTopics.map(({ name }) => name),
  );
  ranges.start();

  const readRange = (
    topic: LetterTopic,
    { low, high }: LetterSpan,
    add: (letters: readonly Letter[]) => void,
  ): Promise<void> => {
    const range = { topic: topic.name, partition: 0, startOffset: low, endOffset: high };
    const onRecords = async (_range: unknown, records: readonly LogRecord[]): Promise<void> =>
      add(records.map((record) => letterOf(topic, record)));
    return ranges.read([range], onRecords, waitSecondsMax);
  };

  const look: LetterReader["look"] = async (topic, span, at) => {
    for (const part of parts(span, lookOffsetsMax)) await readRange(topic, part, at);
  };

  // Work may take long, and is not done while the reader reads, which would lose its membership.
  const read: LetterReader["read"] = async (topic, span, take) => {
    for (const part of parts(span, readOffsetsMax)) {
      const gathered: Letter[] = [];
      await readRange(topic, part, (letters) => void gathered.push(...letters));
      await take(gathered);
    }
  };

  const span: LetterReader["span"] = async (topic) => {
    const limits = await topicLimits(connection, [topic.name]);
    return limits[0] ?? { low: 0, high: 0 };
  };

  const one: LetterReader["one"] = async (topic, offset) => {
    const { low, high } = await span(topic);
    if (offset < low)
      throw new Refused(
        `letter ${offset} of ${topic.name} is gone: the topic keeps its letters only for a time, and begins at ${low}`,
      );
    const found: Letter[] = [];
    if (offset < high)
      await read(topic, { low: offset, high: offset + 1 }, async (letters) => void found.push(...letters));
    const [letter] = found;
    if (letter === undefined)
      throw new Refused(
        `there is no letter ${offset} in ${topic.name}; see: tekstream dlq list --topic ${topic.name} --all`,
      );
    return letter;
  };

  try {
    await work({ span, look, read, one });
  } finally {
    await ranges.stop();
  }
}

function* parts({ low, high }: LetterSpan, size: number): Generator<LetterSpan> {
  for (let start = low; start < high; start += size) yield { low: start, high: Math.min(start + size, high) };
}
