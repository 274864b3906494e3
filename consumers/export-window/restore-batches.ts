import { prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { asking, partitionKey } from "../../shared/kafka/topic-limits.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { exportsPublished } from "../../shared/topology.js";
import type { Batches } from "../../shared/view/batches.js";
import { readPublished } from "../../shared/windows/read-published.js";
import { toldBatch } from "../../shared/windows/told-batch.js";

/**
 * Puts every window that exports.published has been told of since a time (Unix seconds) into MongoDB, which may have
 * been emptied or put back: planned anew, windows could be cut in other places, or be built from what retention has
 * left, though phones have their files. Gives how many were told of.
 * @throws {Unavailable}
 */
export async function restoreBatches(parts: {
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  readonly batches: Pick<Batches, "restore">;
  readonly sinceSeconds: number;
  readonly readSecondsMax: number;
}): Promise<number> {
  const { connection, framing, batches, sinceSeconds, readSecondsMax } = parts;
  const from = await firstSince(connection, exportsPublished.topic, sinceSeconds);
  let told = 0;
  await readPublished({ connection, framing, readSecondsMax, from }, async (records) => {
    await batches.restore(records.map(toldBatch));
    told += records.length;
  });
  return told;
}

/** The first offset of each partition that was appended at this time or later, by `partitionKey`. */
async function firstSince(
  connection: KafkaConnection,
  topic: string,
  sinceSeconds: number,
): Promise<ReadonlyMap<string, number>> {
  // Below zero Kafka has other meanings for a time.
  const sinceMs = Math.max(0, sinceSeconds * 1000);
  const found = await asking(connection, (admin) =>
    admin.fetchTopicOffsetsByTimestamp(prefixed(connection, topic), sinceMs),
  );
  return new Map(
    found.map(({ partition, offset }) => [partitionKey({ topic, partition }), Number(offset)] as const),
  );
}
