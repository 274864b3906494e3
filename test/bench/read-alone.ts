import { connectKafka } from "../../shared/kafka/connect.js";
import { RangeReader } from "../../shared/kafka/range-reader.js";
import { keysAccepted, keysEmbargoed, type PublishedRecord } from "../../shared/topology.js";
import { silent } from "../hard-places/a-topic.js";
import type { WindowDeployment } from "../hard-places/window-deployment.js";
import { logSettingsOf } from "../river/read-topic.js";

/** Seconds that a reader takes which does nothing with the records of these windows, one window after the other. */
export async function secondsToRead(
  { env }: WindowDeployment,
  windows: readonly PublishedRecord[],
): Promise<number> {
  const connection = connectKafka({ ...logSettingsOf(env), process: "admin", log: silent });
  const reader = new RangeReader(connection, [keysAccepted.topic, keysEmbargoed.topic]);
  reader.start();
  const wanted = windows.map(({ ranges }) =>
    ranges.map((range) => ({
      topic: range.topic ?? "",
      partition: range.partition ?? 0,
      startOffset: range.startOffset ?? 0,
      endOffset: range.endOffset ?? 0,
    })),
  );
  // The first read waits for the reader's group.
  const [first] = wanted[0] ?? [];
  if (first !== undefined)
    await reader.read([{ ...first, endOffset: first.startOffset + 1 }], async () => undefined, 60);
  const started = performance.now();
  for (const ranges of wanted) await reader.read(ranges, async () => undefined, 120);
  const seconds = (performance.now() - started) / 1000;
  await reader.stop();
  return seconds;
}
