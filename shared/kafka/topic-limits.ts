import type { Admin } from "kafkajs";
import { prefixed, type KafkaConnection } from "./connect.js";
import { LastingAdmin } from "./lasting-admin.js";

/** A partition of a topic, named without the prefix. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What a partition holds: from the first offset that retention has left to the end of what is committed. */
export interface PartitionLimits extends TopicPartition {
  readonly low: number;
  readonly high: number;
}

/** One text for a partition. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** The limits of every partition of these topics. A transaction that is still open lies beyond the end. @throws {Unavailable} */
export async function topicLimits(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<readonly PartitionLimits[]> {
  return asking(connection, (admin) => limitsOf(admin, connection, topics));
}

/** The same, asked of an admin that is there. */
export async function limitsOf(
  admin: Admin,
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<readonly PartitionLimits[]> {
  const limits = await Promise.all(
    topics.map(async (topic) =>
      (await admin.fetchTopicOffsets(prefixed(connection, topic)))
        .map(({ partition, low, high }) => ({ topic, partition, low: Number(low), high: Number(high) }))
        .toSorted((a, b) => a.partition - b.partition),
    ),
  );
  return limits.flat();
}

/** The offsets that a process's group has committed, by partition; those without one are left out. @throws {Unavailable} */
export async function committedOffsets(
  connection: KafkaConnection,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  return asking(connection, async (admin) => {
    const groupId = prefixed(connection, connection.process);
    const [group] = await admin.fetchOffsets({ groupId, topics: [prefixed(connection, topic)] });
    const known = (group?.partitions ?? []).map(
      ({ partition, offset }) => [partition, Number(offset)] as const,
    );
    return new Map(known.filter(([, offset]) => offset >= 0));
  });
}

/** Connects for one question. @throws {Unavailable} */
export async function asking<Result>(
  connection: KafkaConnection,
  question: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = new LastingAdmin(connection);
  try {
    return await admin.ask(question);
  } finally {
    admin.stop();
  }
}
