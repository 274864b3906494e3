import { setTimeout as sleep } from "node:timers/promises";
import { connectKafka, prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { asking } from "../../shared/kafka/topic-limits.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import type { River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf } from "../river/read-topic.js";
import { silent } from "./audit.js";
import type { Change } from "./schedule.js";

const partitionsAfterwards = 5;
/** Parts that a change needs may be away just then: an operator tries again. */
const madeSecondsMax = 150;

/** Makes every change at its time. */
export async function makeChanges(river: River, changes: readonly Change[]): Promise<void> {
  await Promise.all(
    changes.map(async (change) => {
      await sleep(change.atMs);
      if (change.kind === "partitions") await growTopics(river, change);
      else await makeFilesSmaller(river, change.recordsMax);
    }),
  );
}

async function growTopics(
  { env }: River,
  { first, pauseMs }: Change & { kind: "partitions" },
): Promise<void> {
  const [submitted, decided] = [[keysSubmitted], [keysAccepted, keysEmbargoed]];
  const connection = connectKafka({ ...logSettingsOf(env), process: "admin", log: silent });
  const grow = async (streams: readonly { readonly topic: string }[]): Promise<void> => {
    for (const stream of streams) {
      const topic = prefixed(connection, stream.topic);
      await eventually(`${topic} to have more partitions`, () => isGrown(connection, topic), madeSecondsMax);
    }
  };
  await grow(first === "submitted" ? submitted : decided);
  await sleep(pauseMs);
  await grow(first === "submitted" ? decided : submitted);
}

function isGrown(connection: KafkaConnection, topic: string): Promise<boolean> {
  return asking(connection, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    if (topics[0]?.partitions.length === partitionsAfterwards) return true;
    await admin.createPartitions({ topicPartitions: [{ topic, count: partitionsAfterwards }] });
    return false;
  }).catch(() => false);
}

async function makeFilesSmaller({ tekstream }: River, recordsMax: number): Promise<void> {
  const update = ["export", "update", "--id", "us", "--max-records", String(recordsMax)];
  const isMade = (): Promise<boolean> =>
    tekstream(...update).then(
      () => true,
      () => false,
    );
  await eventually("the export to be changed", isMade, madeSecondsMax);
}
