import type { IncomingMessage } from "node:http";
import { bodyBytesMax } from "../../shared/keys/strict-json.js";

/** What is read and thrown away behind a body that is too large, so that the client sees the answer. */
const drainBytesMax = 1_000_000;

/**
 * The body of a request, cut off one byte after what may be looked at. A longer one is not waited for: its rest is
 * read while it is answered, and one that does not end costs its client the connection.
 * One that is not kept is read in the same way, and gives no bytes.
 * @throws {Error} when the client goes away before there is enough.
 */
export function readBody(request: IncomingMessage, { keep } = { keep: true }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (): void => {
      resolve(Buffer.concat(chunks).subarray(0, bodyBytesMax + 1));
      chunks = [];
    };
    request.on("data", (chunk: Buffer) => {
      const isEnough = bytes > bodyBytesMax;
      bytes += chunk.length;
      if (bytes > drainBytesMax) request.destroy(new Error("the body does not end"));
      if (isEnough) return;
      if (keep) chunks.push(chunk);
      if (bytes > bodyBytesMax) finish();
    });
    request.on("end", finish);
    request.on("error", reject);
    request.on("close", () => {
      reject(new Error("the client went away"));
    });
  });
}
