import type { IncomingMessage } from "node:http";
import { bodyBytesMax } from "../../shared/keys/strict-json.js";

/** What is read and thrown away behind a body that is too large, so that the client sees the answer. */
const drainBytesMax = 1_000_000;

/**
 * The body of a request, cut off one byte after what may be looked at.
 * @throws {Error} when the client goes away, or sends on for ever.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      if (bytes <= bodyBytesMax) chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > drainBytesMax) request.destroy(new Error("the body does not end"));
    });
    request.on("end", () => {
      resolve(Buffer.concat(chunks).subarray(0, bodyBytesMax + 1));
    });
    request.on("error", reject);
    request.on("close", () => {
      reject(new Error("the client went away"));
    });
  });
}
