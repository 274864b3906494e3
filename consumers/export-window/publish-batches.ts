import { addToIndex, parseIndex, renderIndex } from "../../shared/exports/index-file.js";
import { indexHeaders } from "../../shared/exports/index-headers.js";
import { indexObjectName } from "../../shared/exports/object-names.js";
import type { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Published, PublishedRecord } from "../../shared/topology.js";
import type { Batch, Batches } from "../../shared/view/batches.js";
import type { ExportWindowEvents } from "./events.js";
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

const indexTriesMax = 20;

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
  const name = indexObjectName(batch.filenameRoot);
  const newNames = batch.files.map(({ objectName }) => objectName);
  for (let tries = 0; tries < indexTriesMax; tries++) {
    const current = await store.get(name);
    const text = current?.bytes.toString("utf8");
    const next = renderIndex(
      addToIndex(parseIndex(text ?? ""), newNames, batch.endSeconds - indexRetentionSeconds),
    );
    if (next === text) return;
    const bytes = Buffer.from(next);
    const outcome =
      current === undefined
        ? await store.putIfAbsent(name, bytes, indexHeaders)
        : await store.putIfUnchanged(name, bytes, indexHeaders, current.tag);
    // Somebody else was first: look again, the lines may be there already.
    if (outcome === "written") return;
    await new Promise((resolve) => setTimeout(resolve, 50 * (tries + 1)));
  }
  throw new Error(`${name} changed under every one of ${indexTriesMax} tries to write it`);
}

function publishedMessage(batch: Batch): Published {
  return {
    exportConfigurationId: batch.configurationId,
    startSeconds: batch.startSeconds,
    endSeconds: batch.endSeconds,
    configurationVersion: batch.settingsVersion,
    builderVersion: batch.builderVersion ?? "",
    ranges: [...batch.ranges],
    indexObjectName: indexObjectName(batch.filenameRoot),
    held: batch.held ?? false,
    contentStartSeconds: batch.contentStartSeconds ?? batch.startSeconds,
    files: batch.files.map((file) => ({
      objectName: file.objectName,
      exportBinSha256: Buffer.from(file.exportBinSha256, "hex"),
      zipSha256: Buffer.from(file.zipSha256, "hex"),
      keys: file.keys,
      revisedKeys: file.revisedKeys,
      signatures: file.signatures.map(({ id, version, derBase64 }) => ({
        verificationKeyId: id,
        verificationKeyVersion: version,
        signature: Buffer.from(derBase64, "base64"),
      })),
    })),
  };
}
