import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { Unavailable } from "../process/outcomes.js";
import { createFile, missing, temporaryFile } from "./durable-file.js";
import { takeLock } from "./folder-lock.js";
import type { ObjectStore, StoredObject } from "./object-store.js";

/**
 * Objects as files below a folder, for one machine. Replacing holds a lock file. Files are synced before they appear.
 * Headers are up to the web server in front.
 */
export function folderObjectStore(root: string): ObjectStore {
  const path = (name: string): string => join(root, name);
  return {
    get: (name) => guarded(() => read(path(name))),
    putIfAbsent: (name, bytes) => guarded(() => createFile(path(name), bytes)),
    putIfUnchanged: (name, bytes, _headers, tag) => guarded(() => replace(path(name), bytes, tag)),
    remove: (names) =>
      guarded(async () => {
        for (const name of names) await rm(path(name), { force: true });
      }),
    list: (prefix) => guarded(() => names(root, prefix)),
    ping: () => guarded(() => mkdir(root, { recursive: true }).then(() => undefined)),
  };
}

async function read(path: string): Promise<StoredObject | undefined> {
  const bytes = await readFile(path).catch(missing);
  return bytes === undefined ? undefined : { bytes, tag: tagOf(bytes) };
}

async function replace(path: string, bytes: Uint8Array, tag: string): Promise<"written" | "changed"> {
  const temporary = await temporaryFile(path, bytes);
  try {
    const lock = await takeLock(`${path}.lock`);
    if (lock === undefined) return "changed";
    try {
      const current = await read(path);
      if (current?.tag !== tag || !(await lock.isHeld())) return "changed";
      await rename(temporary, path);
      return "written";
    } finally {
      await lock.release();
    }
  } finally {
    await rm(temporary, { force: true });
  }
}

async function names(root: string, prefix: string): Promise<readonly string[]> {
  const entries = (await readdir(root, { recursive: true, withFileTypes: true }).catch(missing)) ?? [];
  return entries
    .filter((entry) => entry.isFile() && !/\.(partial|lock)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => name.startsWith(prefix))
    .sort();
}

async function guarded<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw new Unavailable("the folder of objects can't be used", { cause: error });
  }
}

function tagOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
