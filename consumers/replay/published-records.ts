import type { PublishedRecord } from "../../shared/topology.js";
import { readPublished, type PublishedLog } from "../../shared/windows/read-published.js";

/**
 * All that exports.published tells of one configuration, in the order of the log.
 * @throws {Unavailable}
 */
export async function publishedRecords(
  log: PublishedLog,
  configurationId: string,
): Promise<readonly PublishedRecord[]> {
  const found: PublishedRecord[] = [];
  await readPublished(log, async (records) => {
    found.push(...records.filter((record) => record.exportConfigurationId === configurationId));
  });
  return found;
}
