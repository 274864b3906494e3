import type { BuiltExportFile } from "../../shared/exports/build-export.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import { readZipContent } from "../../shared/export-check/zip-content.js";
import { exportLimits } from "../../shared/export-check/export-limits.js";
import type { BatchFile } from "../../shared/view/batches.js";
import { createHash } from "node:crypto";

/** Another file lies under this name: the same window was built from something else. */
export class DifferentFile extends Error {
  override readonly name = "DifferentFile";
}

const headers = { contentType: "application/zip", cacheControl: "public, max-age=86400" };

/**
 * Makes a file durable. Where one is there already with the same export.bin, it stays.
 * @throws {DifferentFile} @throws {Unavailable}
 */
export async function storeFile(store: ObjectStore, file: BuiltExportFile): Promise<BatchFile> {
  const outcome = await store.putIfAbsent(file.objectName, file.zip, headers);
  if (outcome === "exists") await refuseDifferent(store, file);
  return {
    objectName: file.objectName,
    exportBinSha256: file.exportBinSha256,
    zipSha256: file.zipSha256,
    keys: file.keyCount,
    revisedKeys: file.revisedKeyCount,
    signatures: file.signatures.map(({ info, signature }) => ({
      id: info.verificationKeyId,
      version: info.verificationKeyVersion,
      derBase64: signature.toString("base64"),
    })),
  };
}

async function refuseDifferent(store: ObjectStore, file: BuiltExportFile): Promise<void> {
  const present = await store.get(file.objectName);
  if (present === undefined || exportBinSha256(present.bytes) !== file.exportBinSha256) {
    throw new DifferentFile(`${file.objectName} is there already with another content`);
  }
}

function exportBinSha256(zip: Uint8Array): string | undefined {
  try {
    return createHash("sha256").update(readZipContent(zip, exportLimits).exportBin).digest("hex");
  } catch {
    return undefined;
  }
}
