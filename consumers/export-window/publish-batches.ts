import { addToIndex, parseIndex, renderIndex } from "../../shared/exports/index-file.js";
import { indexObjectName } from "../../shared/exports/object-names.js";
import type { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Published, PublishedRecord } from "../../shared/topology.js";
import type { Batch, Batches } from "../../shared/view/batches.js";
import { EXPORT_BUILDER_VERSION as builderVersion } from "../../shared/exports/export-zip.js";
import type { ExportWindowEvents } from "./events.js";

// Windows are built in any order and published strictly in order, for phones go on after the last line they saw:
// files durable (built) → index durable → exports.published → marked published. Each step may be done twice.

export interface Publisher {
  readonly batches: Batches;
  readonly store: ObjectStore;
  readonly published: StreamWriter<Published, PublishedRecord>;
  readonly indexRetentionSeconds: number;
  readonly nowSeconds: () => number;
  readonly events: ExportWindowEvents;
}

const indexHeaders = { contentType: "text/plain", cacheControl: "no-cache, max-age=0" };
const manifestHeaders = { contentType: "application/json", cacheControl: "public, max-age=86400" };
const indexTriesMax = 20;

/** Publishes, oldest first, every batch of a configuration that is built, up to the first one that is not. */
export async function publishBuilt(publisher: Publisher, configurationId: string): Promise<void> {
  for (const batch of await publisher.batches.unpublished(configurationId)) {
    if (batch.state !== "built") return;
    await writeManifest(publisher, batch);
    await writeIndex(publisher, batch);
    await publisher.published.write(0, publishedMessage(batch), {
      key: `${configurationId}/${batch.endSeconds}`,
    });
    await publisher.batches.markPublished(batch);
    publisher.events.batchPublished(batch);
  }
}

async function writeIndex(
  { store, indexRetentionSeconds, nowSeconds }: Publisher,
  batch: Batch,
): Promise<void> {
  const name = indexObjectName(batch.filenameRoot);
  const newNames = batch.files.map(({ objectName }) => objectName);
  for (let tries = 0; tries < indexTriesMax; tries++) {
    const current = await store.get(name);
    const text = current?.bytes.toString("utf8");
    const next = renderIndex(
      addToIndex(parseIndex(text ?? ""), newNames, nowSeconds() - indexRetentionSeconds),
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

/**
 * What the window was built with and what came out, beside its files. The index does not list it. Offsets of the log
 * would tell how much was really published, and that a window was held that something was; exports.published has both.
 */
async function writeManifest({ store }: Publisher, batch: Batch): Promise<void> {
  const name = `${batch.filenameRoot}/${batch.startSeconds}-${batch.endSeconds}.json`;
  const { state: _state, ranges: _ranges, held: _held, ...manifest } = batch;
  const text = `${JSON.stringify({ ...manifest, builderVersion }, null, 2)}\n`;
  await store.putIfAbsent(name, Buffer.from(text), manifestHeaders);
}

function publishedMessage(batch: Batch): Published {
  return {
    exportConfigurationId: batch.configurationId,
    startSeconds: batch.startSeconds,
    endSeconds: batch.endSeconds,
    configurationVersion: batch.settingsVersion,
    builderVersion,
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
