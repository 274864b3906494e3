import { Follower } from "../../shared/kafka/follower.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";

/**
 * Up to where the key-store's outputs tell of keys.submitted, by partition: the first offset that no committed output
 * was decided from. Reads both topics whole.
 */
export async function toldOffsets(
  connection: KafkaConnection,
  framing: SchemaFraming,
): Promise<ReadonlyMap<number, number>> {
  const told = new Map<number, number>();
  const read = async (topic: string): Promise<void> => {
    const follower = new Follower(connection, topic, async (records) => {
      const values = records.map(({ value }) => value);
      for (const result of await framing.decodeAll(keysAccepted, values)) {
        if (result.fate !== "done" || !result.message.source) continue;
        const { partition, lastOffset } = result.message.source;
        const at = partition ?? 0;
        told.set(at, Math.max(told.get(at) ?? 0, (lastOffset ?? -1) + 1));
      }
    });
    try {
      await follower.start();
    } finally {
      await follower.stop();
    }
  };
  await Promise.all([keysAccepted.topic, keysEmbargoed.topic].map(read));
  return told;
}
