import { BoundedReader } from "../kafka/bounded-reader.js";
import type { KafkaConnection } from "../kafka/connect.js";
import { partitionKey, topicLimits } from "../kafka/topic-limits.js";
import type { SchemaFraming } from "../registry/schema-framing.js";
import { exportsPublished, type PublishedRecord } from "../topology.js";

export interface PublishedLog {
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  /** The longest time for which nothing may come. */
  readonly readSecondsMax: number;
  /** Where each partition begins, by `partitionKey`; default: at the start of its log. */
  readonly from?: ReadonlyMap<string, number>;
}

/**
 * Hands on what exports.published holds now, in the order of the log. What can't be read is left out.
 * @throws {Unavailable}
 */
export async function readPublished(
  { connection, framing, readSecondsMax, from = new Map() }: PublishedLog,
  take: (records: readonly PublishedRecord[]) => Promise<void>,
): Promise<void> {
  const { topic } = exportsPublished;
  const limits = await topicLimits(connection, [topic]);
  if (limits.every((limit) => (from.get(partitionKey(limit)) ?? limit.low) >= limit.high)) return;
  const reader = new BoundedReader(connection, {
    topics: [topic],
    from,
    handle: async (_place, messages) => {
      const values = messages.map(({ value }) => value);
      const results = await framing.decodeAll(exportsPublished, values);
      await take(results.flatMap((result) => (result.fate === "done" ? [result.message] : [])));
    },
  });
  reader.start();
  try {
    await reader.until(limits, readSecondsMax);
  } finally {
    await reader.stop();
  }
}
