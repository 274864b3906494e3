import { topicLimits, type PartitionLimits } from "../../shared/kafka/topic-limits.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import type { Batch } from "../../shared/view/batches.js";
import { eventually } from "../river/eventually.js";
import { lagOf } from "../river/lag.js";
import type { Audit } from "./audit.js";

const decidedSecondsMax = 180;
const publishedSecondsMax = 180;

/**
 * Waits until every submission is decided, and every export has published all of it; gives the end (Unix seconds) of
 * the window with which it has. Rejects with what it waited for when that takes too long.
 */
export async function untilSettled(audit: Audit, exportIds: readonly string[]): Promise<number> {
  await eventually("key-store to decide everything", () => isDecided(audit), decidedSecondsMax);
  const decided = await topicLimits(audit.connection, [keysAccepted.topic, keysEmbargoed.topic]);
  let endSeconds = 0;
  for (;;) {
    const ends = await Promise.all(exportIds.map((id) => untilPublished(audit, id, decided, endSeconds)));
    if (ends.every((end) => end === endSeconds)) return endSeconds;
    endSeconds = Math.max(...ends);
  }
}

/** The end of the first window that is published and not held, ends no earlier, and with which all of this is out. */
function untilPublished(
  { view }: Audit,
  configurationId: string,
  decided: readonly PartitionLimits[],
  endSecondsMin: number,
): Promise<number> {
  const filter = {
    configurationId,
    state: "published",
    held: { $ne: true },
    endSeconds: { $gte: endSecondsMin },
  } as const;
  const look = async (): Promise<number | undefined> => {
    const batches = await view.db
      .collection<Batch>("batches")
      .find(filter, { sort: { endSeconds: 1 } })
      .toArray();
    return batches.find((batch) => reaches(batch, decided))?.endSeconds;
  };
  return eventually(`${configurationId} to publish everything`, look, publishedSecondsMax);
}

/** Whether a window ends behind all of this in every partition. */
function reaches({ ranges }: Batch, decided: readonly PartitionLimits[]): boolean {
  return decided.every(
    ({ topic, partition, high }) =>
      high === 0 ||
      ranges.some(
        (range) => range.topic === topic && range.partition === partition && range.endOffset >= high,
      ),
  );
}

/** Not, while the brokers don't answer. */
function isDecided({ connection }: Audit): Promise<boolean> {
  return lagOf(connection, "key-store", keysSubmitted.topic).then(
    (lag) => lag === 0,
    () => false,
  );
}
