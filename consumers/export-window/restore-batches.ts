import { BoundedReader } from "../../shared/kafka/bounded-reader.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { topicLimits } from "../../shared/kafka/topic-limits.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { exportsPublished } from "../../shared/topology.js";
import type { Batches } from "../../shared/view/batches.js";
import { toldBatch } from "./told-batch.js";

/**
 * Puts every window that exports.published tells of into MongoDB, which may have been emptied or put back: planned
 * anew, windows could be cut in other places, or be built from what retention has left, though phones have their
 * files. Gives how many were told of.
 * @throws {Unavailable}
 */
export async function restoreBatches(parts: {
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  readonly batches: Pick<Batches, "restore">;
  readonly readSecondsMax: number;
}): Promise<number> {
  const { connection, framing, batches, readSecondsMax } = parts;
  const limits = await topicLimits(connection, [exportsPublished.topic]);
  if (limits.every(({ low, high }) => low === high)) return 0;
  let told = 0;
  const reader = new BoundedReader(connection, {
    topics: [exportsPublished.topic],
    handle: async (_place, messages) => {
      const values = messages.map(({ value }) => value);
      const results = await framing.decodeAll(exportsPublished, values);
      const found = results.flatMap((result) => (result.fate === "done" ? [toldBatch(result.message)] : []));
      await batches.restore(found);
      told += found.length;
    },
  });
  reader.start();
  try {
    await reader.until(limits, readSecondsMax);
  } finally {
    await reader.stop();
  }
  return told;
}
