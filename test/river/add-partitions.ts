import { prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { asking } from "../../shared/kafka/topic-limits.js";
import { eventually } from "./eventually.js";

/** The cluster may be away just then. */
const secondsMax = 150;

/**
 * Gives each topic so many partitions, one topic after the other, also if the cluster is away in between. Ends when the
 * cluster names a leader for each: a client sends nothing, without an error, to a partition that it is not told of.
 */
export async function addPartitions(
  connection: KafkaConnection,
  streams: readonly { readonly topic: string }[],
  count: number,
): Promise<void> {
  for (const stream of streams) {
    const topic = prefixed(connection, stream.topic);
    const grown = (): Promise<boolean> => isGrown(connection, topic, count).catch(() => false);
    await eventually(`${topic} to have ${count} partitions`, grown, secondsMax);
  }
}

function isGrown(connection: KafkaConnection, topic: string, count: number): Promise<boolean> {
  return asking(connection, async (admin) => {
    const [found] = (await admin.fetchTopicMetadata({ topics: [topic] })).topics;
    if (found?.partitions.length === count) return found.partitions.every(({ leader }) => leader >= 0);
    await admin.createPartitions({ topicPartitions: [{ topic, count }] });
    return false;
  });
}
