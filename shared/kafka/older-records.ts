import kafkajs from "kafkajs";
import { prefixed, type KafkaConnection } from "./connect.js";
import { asking } from "./topic-limits.js";

const { ConfigResourceTypes } = kafkajs;

/** How long the broker may take beyond a topic's retention: it removes whole segments, now and then. */
const brokerSeconds = 600;

/** How a topic keeps to its retention. */
export interface TopicAge {
  readonly topic: string;
  /** Undefined: the topic is compacted, and keeps what is valid. */
  readonly retentionSeconds: number | undefined;
  /** Partitions that still have records older than retention and a segment. */
  readonly overdue: readonly number[];
}

/** Looks how old the records of topics are, without reading them. @throws {Unavailable} */
export async function topicAges(
  connection: KafkaConnection,
  topics: readonly string[],
  nowSeconds: number,
): Promise<readonly TopicAge[]> {
  return asking(connection, async (admin) => {
    const resources = topics.map((topic) => ({
      type: ConfigResourceTypes.TOPIC,
      name: prefixed(connection, topic),
    }));
    const { resources: described } = await admin.describeConfigs({ includeSynonyms: false, resources });
    return Promise.all(
      topics.map(async (topic, index) => {
        const entries = new Map(
          described[index]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
        );
        if (entries.get("cleanup.policy") === "compact")
          return { topic, retentionSeconds: undefined, overdue: [] };
        const retentionSeconds = Number(entries.get("retention.ms")) / 1000;
        const slackSeconds = Number(entries.get("segment.ms")) / 1000 + brokerSeconds;
        const limitMs = (nowSeconds - retentionSeconds - slackSeconds) * 1000;
        const name = prefixed(connection, topic);
        const lows = await admin.fetchTopicOffsets(name);
        const younger = await admin.fetchTopicOffsetsByTimestamp(name, Math.max(0, Math.floor(limitMs)));
        const overdue = lows
          .filter(({ partition, low, high }) => {
            const first = younger.find((each) => each.partition === partition)?.offset ?? high;
            // -1: every record is older.
            const firstYounger = Number(first) < 0 ? Number(high) : Number(first);
            return firstYounger > Number(low);
          })
          .map(({ partition }) => partition);
        return { topic, retentionSeconds, overdue };
      }),
    );
  });
}
