import type { DeadLetterDecision, Deployment } from "../../shared/deployment/deployment.js";
import { readDeadLetter, type DeadLetter } from "../../shared/kafka/dead-letters.js";
import type { LogRecord } from "../../shared/kafka/log-record.js";
import type { ProcessName } from "../../shared/topology.js";
import type { LetterTopic } from "./letter-topic.js";

/** A record of a dead-letter topic. */
export interface Letter {
  readonly topic: LetterTopic;
  readonly offset: number;
  /** When the log took it (unix seconds). */
  readonly atSeconds: number;
  readonly bytes: number;
  /** What was rejected; undefined when the headers do not tell, and then it is a letter of nobody. */
  readonly content: DeadLetter | undefined;
  readonly value: Buffer | null;
}

export function letterOf(topic: LetterTopic, record: LogRecord): Letter {
  return {
    topic,
    offset: Number(record.offset),
    atSeconds: Math.floor(Number(record.timestamp) / 1000),
    bytes: record.value?.length ?? 0,
    content: readDeadLetter(record),
    value: record.value,
  };
}

/** Names the letter in the decisions of the configuration. */
export function decisionId({ topic, offset }: Pick<Letter, "topic" | "offset">): string {
  return `${topic.name}/${offset}`;
}

/** What an operator decided on the letter; undefined: it is open. */
export function decisionOn(
  { deadLetterDecisions }: Deployment,
  letter: Pick<Letter, "topic" | "offset">,
): DeadLetterDecision | undefined {
  return deadLetterDecisions.get(decisionId(letter));
}

/** A letter as JSON shows it; nothing of the record itself, which may hold keys. */
export interface LetterView {
  readonly topic: string;
  readonly process: ProcessName;
  readonly offset: number;
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number } | null;
  readonly reason: string | null;
  readonly atSeconds: number;
  readonly bytes: number;
  readonly decision: DeadLetterDecision | null;
}

export function letterView(letter: Letter, deployment: Deployment): LetterView {
  const { topic, offset, atSeconds, bytes, content } = letter;
  const source =
    content === undefined
      ? null
      : { topic: content.topic, partition: content.partition, offset: content.offset };
  return {
    topic: topic.name,
    process: topic.process,
    offset,
    source,
    reason: content?.reason ?? null,
    atSeconds,
    bytes,
    decision: decisionOn(deployment, letter) ?? null,
  };
}
