import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";

/** The first offset that retention has left in each partition, by topic (without the prefix); 0 while nothing was deleted. */
export async function logStarts(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const admin = connection.kafka.admin();
  try {
    await admin.connect();
    const starts = new Map<string, readonly number[]>();
    for (const topic of topics) {
      const offsets = await admin.fetchTopicOffsets(prefixed(connection, topic));
      const sorted = offsets.toSorted((a, b) => a.partition - b.partition);
      starts.set(
        topic,
        sorted.map(({ low }) => Number(low)),
      );
    }
    return starts;
  } catch (error) {
    throw new Unavailable("the cluster does not tell where its topics start", { cause: error });
  } finally {
    await admin.disconnect();
  }
}
