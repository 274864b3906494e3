import { Client } from "minio";

import { settings } from "../settings.js";

/**
 * Throws unless the bucket can be listed; makes it where it is missing. `url` is
 * `s3://<access>:<secret>@<host>:<port>/<bucket>`.
 */
export async function checkBucket(url: string): Promise<void> {
  const address = new URL(url);
  const bucket = address.pathname.slice(1);
  const { region } = settings.objectStore;
  const client = new Client({
    endPoint: address.hostname,
    port: Number(address.port),
    useSSL: false,
    accessKey: decodeURIComponent(address.username),
    secretKey: decodeURIComponent(address.password),
    region,
  });
  if (!(await client.bucketExists(bucket))) await client.makeBucket(bucket, region);
  await firstListed(client, bucket);
}

async function firstListed(client: Client, bucket: string): Promise<void> {
  const listed = client.listObjectsV2(bucket, "", false);
  await new Promise<void>((resolve, reject) => {
    listed.once("data", () => resolve());
    listed.once("end", () => resolve());
    listed.once("error", reject);
  });
  listed.destroy();
}
