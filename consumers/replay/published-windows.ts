import { BoundedReader } from "../../shared/kafka/bounded-reader.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { topicLimits } from "../../shared/kafka/topic-limits.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { exportsPublished, type PublishedRecord } from "../../shared/topology.js";

/**
 * What exports.published tells of the windows of one configuration, by the last record of each, in their order.
 * @throws {Unavailable}
 */
export async function publishedWindows(
  connection: KafkaConnection,
  framing: SchemaFraming,
  configurationId: string,
  readSecondsMax: number,
): Promise<readonly PublishedRecord[]> {
  const windows = new Map<number, PublishedRecord>();
  const reader = new BoundedReader(connection, {
    topics: [exportsPublished.topic],
    handle: async (_place, messages) => {
      const values = messages.map(({ value }) => value);
      for (const decoded of await framing.decodeAll(exportsPublished, values)) {
        if (decoded.fate === "reject" || decoded.message.exportConfigurationId !== configurationId) continue;
        windows.set(decoded.message.endSeconds, decoded.message);
      }
    },
  });
  reader.start();
  try {
    await reader.until(await topicLimits(connection, [exportsPublished.topic]), readSecondsMax);
  } finally {
    await reader.stop();
  }
  return [...windows.values()].sort((a, b) => a.endSeconds - b.endSeconds);
}
