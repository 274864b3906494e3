import { fileURLToPath } from "node:url";
import { folderObjectStore } from "./folder-object-store.js";
import type { ObjectStore } from "./object-store.js";
import { s3ObjectStore } from "./s3-object-store.js";

/**
 * Opens the object store that `url` names: `s3://ACCESS_KEY:SECRET_KEY@HOST:PORT/BUCKET[?tls=true][&region=R]`, or
 * `file:///FOLDER`.
 * All names are below the deployment's prefix, which is no part of them: an index says the same wherever it lies.
 * @throws {TypeError} for anything else.
 */
export function openObjectStore(url: string, prefix: string): ObjectStore {
  const parsed = new URL(url);
  if (parsed.protocol === "s3:") return below(prefix, s3ObjectStore(parsed));
  if (parsed.protocol === "file:") return below(prefix, folderObjectStore(fileURLToPath(parsed)));
  throw new TypeError("the object store's address must start with s3:// or file://");
}

function below(prefix: string, store: ObjectStore): ObjectStore {
  const inside = (name: string): string => `${prefix}/${name}`;
  return {
    get: (name) => store.get(inside(name)),
    putIfAbsent: (name, bytes, headers) => store.putIfAbsent(inside(name), bytes, headers),
    putIfUnchanged: (name, bytes, headers, tag) => store.putIfUnchanged(inside(name), bytes, headers, tag),
    remove: (names) => store.remove(names.map(inside)),
    list: async (start) => (await store.list(inside(start))).map((name) => name.slice(prefix.length + 1)),
    ping: () => store.ping(),
  };
}
