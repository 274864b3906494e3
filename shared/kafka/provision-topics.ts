import type { ITopicConfig } from "kafkajs";
import { deadLetterTopic, deadLetters, streams, type Retention } from "../topology.js";
import { prefixed, type KafkaConnection } from "./connect.js";
import { createTopics } from "./create-topics.js";
import { refuseSmallTopics } from "./send-bytes.js";

/** How topics are made when they are missing. Existing ones keep their partitions and replicas. */
export interface TopicSettings {
  readonly partitions: number;
  readonly replication: number;
  /** How long topics of keys keep their records, in seconds. */
  readonly keysRetentionSeconds: number;
  readonly longRetentionSeconds: number;
  /** Largest record that a topic takes. Dead letters have twice the room: they are such a record and what is said of it. */
  readonly recordBytesMax: number;
}

/** 16 days, the longest period (one day), and the hour of a segment. */
export const defaultTopicSettings = {
  keysRetentionSeconds: 17 * 86_400 + 3600,
  longRetentionSeconds: 400 * 86_400,
  recordBytesMax: 1_048_576,
} as const;

/**
 * Creates the topics of the map that do not exist yet. Safe to call from many processes at once.
 * @throws {NeedsOperator} when there is one that takes too little.
 */
export async function provisionTopics(connection: KafkaConnection, settings: TopicSettings): Promise<void> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = wantedTopics(connection, settings);
    const missing = wanted.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) await createTopics(admin, missing);
    const found = wanted.map(({ topic }) => topic).filter((topic) => existing.has(topic));
    if (found.length > 0) await refuseSmallTopics(admin, found);
  } finally {
    await admin.disconnect();
  }
}

/** Largest letter that a dead-letter topic takes. */
export function deadLetterBytesMax({ recordBytesMax }: Pick<TopicSettings, "recordBytesMax">): number {
  return 2 * recordBytesMax;
}

function wantedTopics(connection: KafkaConnection, settings: TopicSettings): ITopicConfig[] {
  const ofStreams = streams.map((stream) => ({
    topic: prefixed(connection, stream.topic),
    numPartitions: stream.partitions === "one" ? 1 : settings.partitions,
    ...kept(stream.retention, settings),
  }));
  const ofDeadLetters = deadLetters.map(({ stream, process }) => ({
    topic: prefixed(connection, deadLetterTopic(stream, process)),
    numPartitions: 1,
    ...kept(stream.retention, { ...settings, recordBytesMax: deadLetterBytesMax(settings) }),
  }));
  return [...ofStreams, ...ofDeadLetters];
}

function kept(
  retention: Retention,
  settings: TopicSettings,
): Pick<ITopicConfig, "replicationFactor" | "configEntries"> {
  const seconds = retention === "keys" ? settings.keysRetentionSeconds : settings.longRetentionSeconds;
  const cleanup =
    retention === "compacted"
      ? { "cleanup.policy": "compact" }
      : { "cleanup.policy": "delete", "retention.ms": seconds * 1000, "segment.ms": 3_600_000 };
  const entries = {
    ...cleanup,
    "message.timestamp.type": "LogAppendTime",
    "min.insync.replicas": Math.max(1, settings.replication - 1),
    "max.message.bytes": settings.recordBytesMax,
    // The broker unpacks what other programs compress: readers need no codec, and no record is larger than it looks.
    "compression.type": "uncompressed",
  };
  return {
    replicationFactor: settings.replication,
    configEntries: Object.entries(entries).map(([name, value]) => ({ name, value: String(value) })),
  };
}

/** How many partitions each of these topics (named without the prefix) has now. */
export async function partitionCounts(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const found = await admin.fetchTopicMetadata({
      topics: topics.map((topic) => prefixed(connection, topic)),
    });
    return new Map(
      found.topics.map(({ name, partitions }) => [
        name.slice(connection.prefix.length + 1),
        partitions.length,
      ]),
    );
  } finally {
    await admin.disconnect();
  }
}
