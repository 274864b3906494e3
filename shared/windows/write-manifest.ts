import { z } from "zod";
import type { ObjectStore } from "../objects/object-store.js";
import type { Batch } from "../view/batches.js";
import { DifferentFile } from "./store-file.js";

const headers = { contentType: "application/json", cacheControl: "public, max-age=86400" };
const filesSchema = z.object({
  files: z.array(z.object({ objectName: z.string(), exportBinSha256: z.string() })),
});

/**
 * Writes what the window was built with and what came out, beside its files. The index does not list it. Offsets of the
 * log would tell how much was really published, and that a window was held, or begins with a held one, that something
 * was: exports.published has all of it. One that is
 * there stays, for it tells how the files came to be, but it must tell of the same files: of a window that was built
 * with keys once and without any now, nothing else would show.
 * @throws {DifferentFile} @throws {Unavailable}
 */
export async function writeManifest(store: ObjectStore, batch: Batch): Promise<void> {
  const name = `${batch.filenameRoot}/${batch.startSeconds}-${batch.endSeconds}.json`;
  const { state: _state, ranges: _ranges, held: _held, contentStartSeconds: _content, ...manifest } = batch;
  const bytes = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  if ((await store.putIfAbsent(name, bytes, headers)) === "written") return;
  const present = await store.get(name);
  if (filesOf(present?.bytes) !== filesOf(bytes))
    throw new DifferentFile(`${name} is there already and tells of other files`);
}

function filesOf(bytes: Buffer | undefined): string | undefined {
  try {
    const { files } = filesSchema.parse(JSON.parse(bytes?.toString("utf8") ?? ""));
    return files.map(({ objectName, exportBinSha256 }) => `${objectName} ${exportBinSha256}`).join("\n");
  } catch {
    // What is no manifest tells of no files at all, not even of none.
    return undefined;
  }
}
