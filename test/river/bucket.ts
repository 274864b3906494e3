import { buffer } from "node:stream/consumers";
import { Client } from "minio";

/** The files of one deployment as somebody sees and harms them who is past all code of the server. */
export interface Bucket {
  /** Every object below a folder, by its name without the deployment's prefix. */
  all(folder: string): Promise<ReadonlyMap<string, Buffer>>;
  /** What a download of it is answered with. */
  headersOf(name: string): Promise<Readonly<Record<string, unknown>>>;
  overwrite(name: string, bytes: Buffer): Promise<void>;
  remove(...names: readonly string[]): Promise<void>;
}

/** `env` is what a process of the deployment gets. */
export function bucketOf(env: Readonly<Record<string, string>>): Bucket {
  const url = new URL(env["TEKSTREAM_OBJECT_STORE_URL"] ?? "");
  const bucket = url.pathname.slice(1);
  const prefix = `${env["TEKSTREAM_PREFIX"]}/`;
  const client = new Client({
    endPoint: url.hostname,
    port: Number(url.port),
    useSSL: false,
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
  });
  return {
    async all(folder) {
      const found = new Map<string, Buffer>();
      const list = client.listObjectsV2(bucket, `${prefix}${folder}/`, true) as AsyncIterable<{
        name?: string;
      }>;
      for await (const { name = "" } of list)
        found.set(name.slice(prefix.length), await buffer(await client.getObject(bucket, name)));
      return found;
    },
    headersOf: async (name) => (await client.statObject(bucket, prefix + name)).metaData,
    overwrite: async (name, bytes) => void (await client.putObject(bucket, prefix + name, bytes)),
    remove: async (...names) =>
      void (await client.removeObjects(
        bucket,
        names.map((name) => prefix + name),
      )),
  };
}
