import { prefixed } from "../../shared/kafka/connect.js";
import { keysSubmitted } from "../../shared/topology.js";
import { Batches } from "../../shared/view/batches.js";
import { eventually } from "../river/eventually.js";
import type { Audit } from "./audit.js";

const decidedSecondsMax = 90;
const publishedSecondsMax = 90;

/**
 * Waits until every submission is decided and the window after that is published; gives that window's end (Unix
 * seconds). Rejects with what it waited for when that takes too long.
 */
export async function untilSettled(audit: Audit, periodSeconds: number): Promise<number> {
  await eventually("key-store to decide everything", () => isDecided(audit), decidedSecondsMax);
  const endSeconds = Math.ceil(Date.now() / 1000 / periodSeconds) * periodSeconds;
  const batches = new Batches(audit.view);
  const isPublished = async (): Promise<boolean> =>
    (await batches.get("us", endSeconds))?.state === "published";
  await eventually(`the window until ${endSeconds} to be published`, isPublished, publishedSecondsMax);
  return endSeconds;
}

async function isDecided({ connection }: Audit): Promise<boolean> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const topic = prefixed(connection, keysSubmitted.topic);
    const ends = await admin.fetchTopicOffsets(topic);
    const [group] = await admin.fetchOffsets({ groupId: prefixed(connection, "key-store"), topics: [topic] });
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return ends.every(
      ({ partition, high }) => high === "0" || (committed.get(partition) ?? -1) >= Number(high),
    );
  } catch {
    return false;
  } finally {
    await admin.disconnect();
  }
}
