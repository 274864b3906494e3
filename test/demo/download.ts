import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { Client } from "minio";
import type { ObjectStoreEndpoint } from "../../compose/endpoints.js";
import type { ExportSource } from "../phones/export-reader.js";

/** Where phones download: straight from the bucket (or the folder that stands in for it), past all code of the server. */
export function downloads(store: ObjectStoreEndpoint, prefix: string): ExportSource {
  if (store.kind === "folder") {
    return { fetchObject: (name) => readFile(join(store.path, prefix, name)).catch(missing("ENOENT")) };
  }
  const { hostname, port } = new URL(store.endpoint);
  const { accessKey, secretKey } = store;
  const client = new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey });
  return {
    fetchObject: (name) =>
      client
        .getObject(store.bucket, `${prefix}/${name}`)
        .then((stream) => buffer(stream))
        .catch(missing("NoSuchKey")),
  };
}

function missing(code: string): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === code) return undefined;
    throw error;
  };
}
