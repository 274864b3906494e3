import { indexObjectName, rootOfIndex } from "../exports/object-names.js";
import type { Published, PublishedRecord } from "../topology.js";
import type { Batch, BatchFile } from "../view/batches.js";

/** What exports.published tells of a batch. */
export function publishedMessage(batch: Batch): Published {
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
    files: publishedFiles(batch.files),
  };
}

/** The same of its files alone. */
export function publishedFiles(files: readonly BatchFile[]): NonNullable<Published["files"]> {
  return files.map((file) => ({
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
  }));
}

/** The batch that {@link publishedMessage} told of. */
export function toldBatch(told: PublishedRecord): Batch {
  return {
    configurationId: told.exportConfigurationId,
    startSeconds: told.startSeconds,
    endSeconds: told.endSeconds,
    settingsVersion: told.configurationVersion,
    filenameRoot: rootOfIndex(told.indexObjectName),
    state: "published",
    builderVersion: told.builderVersion,
    ranges: told.ranges.map((range) => ({
      topic: range.topic ?? "",
      partition: range.partition ?? 0,
      startOffset: range.startOffset ?? 0,
      endOffset: range.endOffset ?? 0,
      windowStartOffset: range.windowStartOffset ?? 0,
    })),
    held: told.held,
    contentStartSeconds: told.contentStartSeconds,
    files: told.files.map((file) => ({
      objectName: file.objectName ?? "",
      exportBinSha256: hexOf(file.exportBinSha256),
      zipSha256: hexOf(file.zipSha256),
      keys: file.keys ?? 0,
      revisedKeys: file.revisedKeys ?? 0,
      signatures: (file.signatures ?? []).map((signature) => ({
        id: signature.verificationKeyId ?? "",
        version: signature.verificationKeyVersion ?? "",
        derBase64: Buffer.from(signature.signature ?? []).toString("base64"),
      })),
    })),
  };
}

function hexOf(hash: Uint8Array | null | undefined): string {
  return Buffer.from(hash ?? []).toString("hex");
}
