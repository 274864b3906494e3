import { CompressionTypes, ConfigResourceTypes } from "kafkajs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  configChanged,
  deadLetters,
  deadLetterTopic,
  keysAccepted,
  keysEmbargoed,
  keysSubmitted,
  streams,
} from "../topology.js";
import { changeTopic } from "../../test/river/change-topic.js";
import { eventually } from "../../test/river/eventually.js";
import { NeedsOperator } from "../process/outcomes.js";
import { aConnection, asAdmin } from "./a-topic.test-support.js";
import { prefixed } from "./connect.js";
import { defaultTopicSettings, partitionCounts, provisionTopics } from "./provision-topics.js";

const connection = aConnection();
const settings = { ...defaultTopicSettings, partitions: 3, replication: 1 };

beforeAll(async () => {
  // As when all processes of a deployment start at once.
  await Promise.all(Array.from({ length: 5 }, () => provisionTopics(connection, settings)));
});

async function settingsOf(topic: string): Promise<Map<string, string>> {
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: prefixed(connection, topic) }];
  const found = await asAdmin(connection, (admin) =>
    admin.describeConfigs({ includeSynonyms: false, resources }),
  );
  const entries = found.resources[0]?.configEntries ?? [];
  return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
}

test("every topic of the map is there, dead letters too, with its partitions", async () => {
  const letters = deadLetters.map(({ stream, process }) => deadLetterTopic(stream, process));
  const counts = await partitionCounts(connection, [...streams.map(({ topic }) => topic), ...letters]);
  const wanted = streams.map(({ topic, partitions }): [string, number] => [
    topic,
    partitions === "one" ? 1 : 3,
  ]);
  expect(counts).toEqual(new Map([...wanted, ...letters.map((topic): [string, number] => [topic, 1])]));
});

describe("a topic", () => {
  test.each(streams.map(({ topic }) => topic))(
    "%s is stamped by the log and takes large records",
    async (topic) => {
      const found = await settingsOf(topic);
      expect(found.get("message.timestamp.type")).toBe("LogAppendTime");
      expect(found.get("max.message.bytes")).toBe("1048576");
    },
  );

  test("of dead letters has room for the largest record and for what is said of it", async () => {
    const found = await settingsOf(deadLetterTopic(keysSubmitted, "key-store"));
    expect(found.get("max.message.bytes")).toBe("2097152");
  });

  test.each(deadLetters.map(({ stream, process }) => [stream, process] as const))(
    "of dead letters of $topic is kept for as long as that",
    async (stream, process) => {
      const [letters, records] = await Promise.all([
        settingsOf(deadLetterTopic(stream, process)),
        settingsOf(stream.topic),
      ]);
      expect(letters.get("cleanup.policy")).toBe("delete");
      expect(Number(letters.get("retention.ms"))).toBeGreaterThan(0);
      expect(letters.get("retention.ms")).toBe(records.get("retention.ms"));
    },
  );

  test("takes what another program compressed, and readers need no codec for it", async () => {
    const producer = connection.kafka.producer();
    await producer.connect();
    const topic = prefixed(connection, keysSubmitted.topic);
    const send = (bytes: number): Promise<unknown> =>
      producer.send({
        topic,
        compression: CompressionTypes.GZIP,
        messages: [{ value: Buffer.alloc(bytes), partition: 0 }],
      });
    await send(1000);
    // Small on its way, and too large to be handled.
    await expect(send(3_000_000)).rejects.toThrow("larger than the max message size");
    await producer.disconnect();
    expect((await settingsOf(keysSubmitted.topic)).get("compression.type")).toBe("uncompressed");
  });

  test("of keys is kept for as long as exports are rebuilt, in segments of an hour", async () => {
    const found = await settingsOf(keysAccepted.topic);
    expect(found.get("cleanup.policy")).toBe("delete");
    expect(Number(found.get("retention.ms"))).toBe(settings.keysRetentionSeconds * 1000);
    expect(found.get("segment.ms")).toBe("3600000");
  });

  test("of configuration is compacted", async () => {
    expect((await settingsOf(configChanged.topic)).get("cleanup.policy")).toBe("compact");
  });
});

test("topics that are there keep the partitions that they have", async () => {
  await provisionTopics(connection, { ...settings, partitions: 7 });
  const counts = await partitionCounts(connection, [keysSubmitted.topic]);
  expect([...counts.values()]).toEqual([3]);
});

test("a topic that takes less than is sent stops whoever starts, who is told what to set", async () => {
  const narrow = aConnection();
  await provisionTopics(narrow, settings);
  // The cluster takes a moment to tell of a topic's settings, and of their change.
  await eventually("the topic to be changed", () =>
    changeTopic(narrow, keysEmbargoed.topic, { name: "max.message.bytes", value: "50" }).then(
      () => true,
      () => false,
    ),
  );
  const refusal = await eventually("the start to be refused", () =>
    provisionTopics(narrow, settings).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  expect(refusal).toBeInstanceOf(NeedsOperator);
  expect(String(refusal)).toContain(
    `max.message.bytes is less than 900000 for ${prefixed(narrow, keysEmbargoed.topic)}: set it to 1048576`,
  );
});
