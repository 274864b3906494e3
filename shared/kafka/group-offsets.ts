import type { Admin } from "kafkajs";
import type { ProcessName } from "../topology.js";
import { prefixed, type KafkaConnection } from "./connect.js";

/** Where a process's group stands in a partition, and what the partition holds. */
export interface GroupOffset {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
  /** Undefined: never committed, or expired. */
  readonly committed: number | undefined;
}

/** How the group of `process` stands in a topic that is named without the prefix, by partition. */
export async function readGroupOffsets(
  connection: KafkaConnection,
  process: ProcessName,
  topic: string,
): Promise<readonly GroupOffset[]> {
  const [name, groupId] = [prefixed(connection, topic), prefixed(connection, process)];
  return withAdmin(connection, async (admin) => {
    const [group] = await admin.fetchOffsets({ groupId, topics: [name] });
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    const limits = await admin.fetchTopicOffsets(name);
    return limits
      .map(({ partition, low, high }) => {
        const offset = committed.get(partition) ?? -1;
        return {
          partition,
          low: Number(low),
          high: Number(high),
          committed: offset < 0 ? undefined : offset,
        };
      })
      .toSorted((a, b) => a.partition - b.partition);
  });
}

/** Whether a process of the group is a member now. */
export async function hasMembers(connection: KafkaConnection, process: ProcessName): Promise<boolean> {
  const groupId = prefixed(connection, process);
  return withAdmin(connection, async (admin) => {
    const { groups } = await admin.describeGroups([groupId]);
    return groups.some(({ members }) => members.length > 0);
  });
}

/** Commits offsets for a group that has no members; the cluster refuses it for one that has. */
export async function setGroupOffsets(
  connection: KafkaConnection,
  process: ProcessName,
  topic: string,
  offsets: readonly { readonly partition: number; readonly offset: number }[],
): Promise<void> {
  await withAdmin(connection, (admin) =>
    admin.setOffsets({
      groupId: prefixed(connection, process),
      topic: prefixed(connection, topic),
      partitions: offsets.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
    }),
  );
}

async function withAdmin<Result>(
  { kafka }: KafkaConnection,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
