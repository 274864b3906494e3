import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { Client, type ItemBucketMetadata } from "minio";
import { Unavailable } from "../process/outcomes.js";
import type { ObjectHeaders, ObjectStore, StoredObject } from "./object-store.js";

const requestSecondsMax = 50;

/** Objects in a bucket behind the S3 API. Conditions are If-None-Match and If-Match (RFC 9110, §13.1). */
export function s3ObjectStore(url: URL): ObjectStore {
  const bucket = url.pathname.slice(1);
  const client = new Client({
    endPoint: url.hostname,
    port: Number(url.port || (url.searchParams.get("tls") === "true" ? 443 : 80)),
    useSSL: url.searchParams.get("tls") === "true",
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
    region: url.searchParams.get("region") ?? "us-east-1",
    pathStyle: true,
  });
  const put = async (name: string, bytes: Uint8Array, headers: ItemBucketMetadata): Promise<boolean> => {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return request(() => client.putObject(bucket, name, body, body.length, headers).then(() => true), {
      PreconditionFailed: false,
    });
  };
  const isThere = (name: string): Promise<boolean> =>
    request(() => client.statObject(bucket, name).then(() => true), { NotFound: false, NoSuchKey: false });
  return {
    get: (name) =>
      request<StoredObject | undefined>(() => read(client, bucket, name), {
        NoSuchKey: undefined,
        NotFound: undefined,
      }),
    putIfAbsent: async (name, bytes, headers) => {
      // A server that refuses a large body cuts the connection before the client has read why, which looks like an outage.
      if (await isThere(name)) return "exists";
      return (await put(name, bytes, { ...metadata(headers), "If-None-Match": "*" })) ? "written" : "exists";
    },
    putIfUnchanged: async (name, bytes, headers, tag) =>
      (await put(name, bytes, { ...metadata(headers), "If-Match": tag })) ? "written" : "changed",
    remove: async (names) => {
      for (const name of names)
        await request(() => client.removeObject(bucket, name), { NoSuchKey: undefined });
    },
    list: (prefix) => request(() => names(client, bucket, prefix), {}),
    ping: async () => {
      const exists = await request(() => client.bucketExists(bucket), {});
      if (!exists) throw new Unavailable(`there is no bucket ${bucket}`);
    },
  };
}

async function read(client: Client, bucket: string, name: string): Promise<StoredObject> {
  // The stream is the HTTP answer itself, whose headers carry the tag of exactly these bytes.
  const stream = (await client.getObject(bucket, name)) as IncomingMessage;
  return { bytes: await buffer(stream), tag: stream.headers.etag ?? "" };
}

async function names(client: Client, bucket: string, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const item of client.listObjectsV2(bucket, prefix, true) as AsyncIterable<{ name?: string }>) {
    if (item.name !== undefined) found.push(item.name);
  }
  return found.sort();
}

function metadata(headers: ObjectHeaders): ItemBucketMetadata {
  return { "Content-Type": headers.contentType, "Cache-Control": headers.cacheControl };
}

/** Runs one request; error codes in `expected` are answers, all other errors mean that the store is away. */
async function request<Result>(
  run: () => Promise<Result>,
  expected: Record<string, Result>,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${requestSecondsMax} s`));
    }, requestSecondsMax * 1000);
  });
  try {
    return await Promise.race([run(), timeout]);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (Object.hasOwn(expected, code)) return expected[code] as Result;
    throw new Unavailable("the object store does not answer as it should", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
