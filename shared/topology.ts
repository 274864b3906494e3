// The one map of streams. Every topic, who writes it, who reads it, and why, stands here and nowhere else; the
// typed API below is the only way to write or read one. The architecture test holds folders, schemas, compose
// services and the README's picture to this map.
import { tekstream as acceptedV1 } from "../schemas/generated/keys/v1/accepted.js";
import { tekstream as submittedV1 } from "../schemas/generated/keys/v1/submitted.js";
import { tekstream as publishedV1 } from "../schemas/generated/exports/v1/published.js";
import { tekstream as changedV1 } from "../schemas/generated/config/v1/changed.js";

/** Each process: its folder, and what it is for. The name is also its consumer group, client id and service. */
export const processes = {
  gateway: { folder: "producers/gateway", service: true, why: "takes verified publishes from phones" },
  clock: { folder: "producers/clock", service: true, why: "writes ticks that close windows" },
  jwks: {
    folder: "producers/jwks",
    service: true,
    why: "takes health authorities' keys from where they list them",
  },
  admin: { folder: "producers/admin", service: false, why: "the operator's command line" },
  "key-store": { folder: "consumers/key-store", service: true, why: "decides each key once, keeps the view" },
  "export-window": {
    folder: "consumers/export-window",
    service: true,
    why: "builds and publishes signed exports",
  },
  stats: { folder: "consumers/stats", service: true, why: "counts publishes for health authorities" },
  replay: { folder: "consumers/replay", service: false, why: "rebuilds views from the log, when told" },
} as const;

export type ProcessName = keyof typeof processes;

/** Translates between a message and its protobuf bytes. `Out` is what decoding gives, `In` what encoding takes. */
export interface Codec<In, Out extends In> {
  encode(message: In): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Out;
  /** Ends with the full name of the message. */
  getTypeUrl(): string;
}

/** How long a topic keeps its records: `keys` and `long` are durations from settings, `compacted` keeps the last of each key. */
export type Retention = "keys" | "long" | "compacted";

export interface Stream<In, Out extends In> {
  /** Topic without the deployment's prefix. */
  readonly topic: string;
  /** Path under schemas/ of the protobuf source. */
  readonly schema: string;
  readonly codec: Codec<In, Out>;
  /** What the record key is. */
  readonly key: string;
  /** `keys`: as many partitions as the setting says, the same for all such streams. `one`: a single partition. */
  readonly partitions: "keys" | "one";
  readonly retention: Retention;
  readonly writers: readonly ProcessName[];
  readonly readers: readonly ProcessName[];
  readonly why: string;
}

export type Submitted = submittedV1.keys.v1.Submitted.$Properties;
export type Accepted = acceptedV1.keys.v1.Accepted.$Properties;
export type Published = publishedV1.exports.v1.Published.$Properties;
export type Changed = changedV1.config.v1.Changed.$Properties;
/** Messages as decoded: lists are there, and scalars have their defaults. */
export type SubmittedRecord = submittedV1.keys.v1.Submitted;
export type AcceptedRecord = acceptedV1.keys.v1.Accepted;
export type PublishedRecord = publishedV1.exports.v1.Published;
export type ChangedRecord = changedV1.config.v1.Changed;

const stream = <In, Out extends In>(
  codec: Codec<In, Out>,
  rest: Omit<Stream<In, Out>, "codec">,
): Stream<In, Out> => ({
  codec,
  ...rest,
});

export const keysSubmitted = stream<Submitted, SubmittedRecord>(submittedV1.keys.v1.Submitted, {
  topic: "keys.submitted.v1",
  schema: "keys/v1/submitted.proto",
  key: "none",
  partitions: "keys",
  retention: "keys",
  writers: ["gateway"],
  readers: ["key-store"],
  why: "one verified publish each: answered 200 once it is here",
});

export const keysAccepted = stream<Accepted, AcceptedRecord>(acceptedV1.keys.v1.Accepted, {
  topic: "keys.accepted.v1",
  schema: "keys/v1/accepted.proto",
  key: "none",
  partitions: "keys",
  retention: "keys",
  writers: ["key-store", "clock"],
  readers: ["export-window", "stats", "replay", "admin"],
  why: "what each batch of submissions changed, and the ticks between",
});

export const keysEmbargoed = stream<Accepted, AcceptedRecord>(acceptedV1.keys.v1.Accepted, {
  topic: "keys.embargoed.v1",
  schema: "keys/v1/accepted.proto",
  key: "none",
  partitions: "keys",
  retention: "keys",
  writers: ["key-store", "clock"],
  readers: ["export-window", "replay", "admin"],
  why: "the same for keys that are still usable on air, with their release time",
});

export const exportsPublished = stream<Published, PublishedRecord>(publishedV1.exports.v1.Published, {
  topic: "exports.published.v1",
  schema: "exports/v1/published.proto",
  key: "<configuration>/<window end>",
  partitions: "one",
  retention: "long",
  writers: ["export-window", "replay"],
  readers: ["export-window", "replay"],
  why: "each window that became durable, with ranges, hashes and signatures",
});

export const configChanged = stream<Changed, ChangedRecord>(changedV1.config.v1.Changed, {
  topic: "config.changed.v1",
  schema: "config/v1/changed.proto",
  key: "<kind>/<id>",
  partitions: "one",
  retention: "compacted",
  writers: ["admin", "gateway", "jwks"],
  readers: ["gateway", "clock", "key-store", "export-window", "jwks", "admin"],
  why: "the deployment's configuration, entity by entity",
});

/** Every stream that runs today. */
export const streams = [keysSubmitted, keysAccepted, keysEmbargoed, exportsPublished, configChanged] as const;

export type AnyStream = (typeof streams)[number];

/** Topic, without the prefix, for records of `stream` that `process` can never handle. */
export function deadLetterTopic(stream: { topic: string }, process: ProcessName): string {
  return `${stream.topic}.${process}.dlq`;
}

/**
 * Which processes dead-letter which streams. The compacted configuration is never dead-lettered: each process skips and
 * reports. Neither is what a process reads back that it wrote itself. Programs that an operator runs tell him.
 */
export const deadLetters: readonly {
  stream: { topic: string; retention: Retention };
  process: ProcessName;
}[] = streams
  .filter((stream) => stream.retention !== "compacted")
  .flatMap((stream) =>
    stream.readers
      .filter((process) => processes[process].service && !stream.writers.includes(process))
      .map((process) => ({ stream, process })),
  );
