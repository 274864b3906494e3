import type { BuiltExportFile } from "../exports/build-export.js";
import type { ObjectStore } from "../objects/object-store.js";
import { readExportSig } from "../export-check/export-sig.js";
import { readZipContent } from "../export-check/zip-content.js";
import { exportLimits } from "../export-check/export-limits.js";
import type { BatchFile } from "../view/batches.js";
import { createHash } from "node:crypto";

/** Another file lies under this name: the same window was built from something else. */
export class DifferentFile extends Error {
  override readonly name = "DifferentFile";
}

const headers = { contentType: "application/zip", cacheControl: "public, max-age=86400" };

/**
 * Makes a file durable, and tells what lies in the store. Where one is there already with the same export.bin, it
 * stays, though another version of the software may have compressed or signed it in another way.
 * @throws {DifferentFile} @throws {Unavailable} @throws {BadExport}
 */
export async function storeFile(store: ObjectStore, file: BuiltExportFile): Promise<BatchFile> {
  const { zip, zipSha256 } = await file.pack();
  const outcome = await store.putIfAbsent(file.objectName, zip, headers);
  const ours = {
    zipSha256,
    signatures: file.signatures.map(({ info, signature }) => ({
      id: info.verificationKeyId,
      version: info.verificationKeyVersion,
      derBase64: signature.toString("base64"),
    })),
  };
  return {
    objectName: file.objectName,
    exportBinSha256: file.exportBinSha256,
    keys: file.keyCount,
    revisedKeys: file.revisedKeyCount,
    ...(outcome === "written" ? ours : await presentFile(store, file)),
  };
}

async function presentFile(
  store: ObjectStore,
  { objectName, exportBinSha256 }: BuiltExportFile,
): Promise<Pick<BatchFile, "zipSha256" | "signatures">> {
  const zip = (await store.get(objectName))?.bytes;
  const present = zip && readPresent(zip);
  if (zip === undefined || present === undefined || sha256Hex(present.exportBin) !== exportBinSha256)
    throw new DifferentFile(`${objectName} is there already with another content`);
  const signatures = present.signatures.map(({ info, signature }) => ({
    id: info.verificationKeyId,
    version: info.verificationKeyVersion,
    derBase64: Buffer.from(signature).toString("base64"),
  }));
  return { zipSha256: sha256Hex(zip), signatures };
}

function readPresent(
  zip: Uint8Array,
): { exportBin: Buffer; signatures: ReturnType<typeof readExportSig> } | undefined {
  try {
    const { exportBin, exportSig } = readZipContent(zip, exportLimits);
    return { exportBin, signatures: readExportSig(exportSig) };
  } catch {
    // Whatever it is, it is no export of ours.
    return undefined;
  }
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
