import { BoundedReader } from "../../shared/kafka/bounded-reader.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { topicLimits } from "../../shared/kafka/topic-limits.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { exportsPublished, type PublishedRecord } from "../../shared/topology.js";

/**
 * All that exports.published tells of one configuration, in the order of the log.
 * @throws {Unavailable}
 */
export async function publishedRecords(
  connection: KafkaConnection,
  framing: SchemaFraming,
  configurationId: string,
  readSecondsMax: number,
): Promise<readonly PublishedRecord[]> {
  const records: PublishedRecord[] = [];
  const reader = new BoundedReader(connection, {
    topics: [exportsPublished.topic],
    handle: async (_place, messages) => {
      const values = messages.map(({ value }) => value);
      for (const decoded of await framing.decodeAll(exportsPublished, values)) {
        if (decoded.fate === "reject" || decoded.message.exportConfigurationId !== configurationId) continue;
        records.push(decoded.message);
      }
    },
  });
  reader.start();
  try {
    await reader.until(await topicLimits(connection, [exportsPublished.topic]), readSecondsMax);
  } finally {
    await reader.stop();
  }
  return records;
}
