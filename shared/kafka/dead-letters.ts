import type { IHeaders, KafkaMessage } from "kafkajs";
import { deadLetterTopic, type ProcessName } from "../topology.js";
import type { OutgoingBatch } from "./partition-transactions.js";
import type { OutgoingRecord } from "./partition-writer.js";

// A letter is the record itself, key, value and headers, with headers of ours beside its own. So what is taken out of a
// letter again is the record that was rejected, byte for byte; only a header without a value, which Kafka knows and our
// client can't write, has an empty one then.

const ourHeader = {
  reason: "tekstream-reason",
  topic: "tekstream-topic",
  partition: "tekstream-partition",
  offset: "tekstream-offset",
} as const;

/** A record that was rejected, as its letter tells of it. */
export interface DeadLetter {
  readonly reason: string;
  /** Where it was; the topic without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** As it was: its own key, value and headers. */
  readonly record: OutgoingRecord;
}

/** A record that can never be handled, as it goes to its dead-letter topic: byte for byte, with where it was and why. */
export function deadLetter(
  stream: { readonly topic: string },
  process: ProcessName,
  source: { partition: number; message: KafkaMessage; reason: string },
): OutgoingBatch {
  const { partition, message, reason } = source;
  const headers: IHeaders = {
    ...renamed(message.headers, setAside),
    [ourHeader.reason]: reason,
    [ourHeader.topic]: stream.topic,
    [ourHeader.partition]: String(partition),
    [ourHeader.offset]: message.offset,
  };
  const { key, value } = message;
  return { topic: deadLetterTopic(stream, process), partition: 0, key, values: [value], headers };
}

/** Reads a record of a dead-letter topic; undefined when its headers do not tell what it was. */
export function readDeadLetter(letter: KafkaMessage): DeadLetter | undefined {
  const text = (name: keyof typeof ourHeader): string => String(letter.headers?.[ourHeader[name]] ?? "");
  const [partition, offset] = [wholeNumber(text("partition")), wholeNumber(text("offset"))];
  if (text("reason") === "" || text("topic") === "" || partition === undefined || offset === undefined)
    return undefined;
  const own = Object.entries(letter.headers ?? {}).filter(([name]) => !isOurs(name));
  const record = {
    key: letter.key,
    value: letter.value,
    headers: renamed(Object.fromEntries(own), takenBack),
  };
  return { reason: text("reason"), topic: text("topic"), partition, offset, record };
}

/** A record may have headers that are called like ours: they stand aside, with a mark before their name. */
function setAside(name: string): string {
  return /^~*tekstream-/.test(name) ? `~${name}` : name;
}

function takenBack(name: string): string {
  return /^~+tekstream-/.test(name) ? name.slice(1) : name;
}

function renamed(headers: IHeaders | undefined, rename: (name: string) => string): IHeaders {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [rename(name), withoutNull(value)]),
  );
}

/** The client's types say nothing of null, but it reads it. */
function withoutNull(value: IHeaders[string] | null): IHeaders[string] {
  return Array.isArray(value) ? value.map((one: Buffer | string | null) => one ?? "") : (value ?? "");
}

function isOurs(name: string): boolean {
  return (Object.values(ourHeader) as string[]).includes(name);
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
