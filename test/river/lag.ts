import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { committedOffsets, topicLimits } from "../../shared/kafka/topic-limits.js";
import type { ProcessName } from "../../shared/topology.js";

/** Records of a topic that the group of a process has not committed yet, transaction markers included. @throws {Unavailable} */
export async function lagOf(
  connection: KafkaConnection,
  process: ProcessName,
  topic: string,
): Promise<number> {
  // In this order: what is committed meanwhile counts as lag, and nothing counts as less than none.
  const committed = await committedOffsets({ ...connection, process }, topic);
  const limits = await topicLimits(connection, [topic]);
  return limits.reduce((sum, { partition, high }) => sum + high - (committed.get(partition) ?? 0), 0);
}
