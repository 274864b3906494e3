import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Unavailable } from "../process/outcomes.js";
import type { ObjectStore, StoredObject } from "./object-store.js";

const lockSecondsMax = 30;

/**
 * Objects as files below a folder, for one machine. A new object appears by a hard link, which fails where the name
 * exists; replacing holds a lock file. Files are synced before they appear. Headers are up to the web server in front.
 */
export function folderObjectStore(root: string): ObjectStore {
  const path = (name: string): string => join(root, name);
  return {
    get: (name) => guarded(() => read(path(name))),
    putIfAbsent: (name, bytes) => guarded(() => create(path(name), bytes)),
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

async function create(path: string, bytes: Uint8Array): Promise<"written" | "exists"> {
  const temporary = await writeTemporary(path, bytes);
  try {
    await link(temporary, path);
    return "written";
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "exists";
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function replace(path: string, bytes: Uint8Array, tag: string): Promise<"written" | "changed"> {
  const lock = `${path}.lock`;
  if (!(await take(lock))) return "changed";
  try {
    const current = await read(path);
    if (current?.tag !== tag) return "changed";
    await rename(await writeTemporary(path, bytes), path);
    return "written";
  } finally {
    await rm(lock, { force: true });
  }
}

/** Takes a lock file; one that a dead process left behind is broken after a while. */
async function take(lock: string): Promise<boolean> {
  const handle = await open(lock, "wx").catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
    return undefined;
  });
  await handle?.close();
  if (handle !== undefined) return true;
  const held = await stat(lock).catch(missing);
  if (held !== undefined && Date.now() - held.mtimeMs > lockSecondsMax * 1000)
    await rm(lock, { force: true });
  return false;
}

async function writeTemporary(path: string, bytes: Uint8Array): Promise<string> {
  const temporary = `${path}.${randomUUID()}.partial`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
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

function missing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
  return undefined;
}

function tagOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
