import { addToIndex } from "../../shared/exports/index-file.js";
import { indexObjectName } from "../../shared/exports/object-names.js";
import type { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Published, PublishedRecord } from "../../shared/topology.js";
import type { Batch, Batches } from "../../shared/view/batches.js";
import type { ExportWindowEvents } from "./events.js";
import { changeIndex } from "../../shared/windows/change-index.js";
import { publishedMessage } from "../../shared/windows/told-batch.js";
import { writeManifest } from "../../shared/windows/write-manifest.js";

// Windows are built in any order and published strictly in order, for phones go on after the last line they saw:
// files durable (built) → index durable → exports.published → marked published. Each step may be done twice, so
// exports.published may tell of a window again, in the same words; told of for the first time they are in order.

export interface Publisher {
  readonly batches: Batches;
  readonly store: ObjectStore;
  readonly published: StreamWriter<Published, PublishedRecord>;
  readonly indexRetentionSeconds: number;
  readonly events: ExportWindowEvents;
}

/** Publishes, oldest first, every batch of a configuration that is built, up to the first one that is not. */
export async function publishBuilt(publisher: Publisher, configurationId: string): Promise<void> {
  for (;;) {
    // Looked for anew each time, for another worker may have gone on meanwhile.
    const [batch] = await publisher.batches.unpublished(configurationId, 1);
    if (batch?.state !== "built") return;
    await writeManifest(publisher.store, batch);
    await writeIndex(publisher, batch);
    if ((await publisher.batches.get(configurationId, batch.endSeconds))?.state === "published") continue;
    await publisher.published.write(0, publishedMessage(batch), {
      key: `${configurationId}/${batch.endSeconds}`,
    });
    await publisher.batches.markPublished(batch);
    publisher.events.batchPublished(batch);
  }
}

/**
 * Ages are counted from the window's end and not from a worker's clock: one that had jumped ahead would take lines out
 * of the index that phones have not seen.
 */
async function writeIndex({ store, indexRetentionSeconds }: Publisher, batch: Batch): Promise<void> {
  const newNames = batch.files.map(({ objectName }) => objectName);
  await changeIndex(store, indexObjectName(batch.filenameRoot), (lines) =>
    addToIndex(lines, newNames, batch.endSeconds - indexRetentionSeconds),
  );
}
