import type { IncomingMessage } from "node:http";
import { bodyBytesMax } from "../../shared/keys/strict-json.js";
import { Unavailable } from "../../shared/process/outcomes.js";

/** What is read and thrown away behind a body that is too large, so that the client sees the answer. */
const drainBytesMax = 1_000_000;

/** Each costs a hundred bytes and more beside its own: bodies that come byte by byte are put together now and then. */
const chunksMax = 64;

/** How many bytes may be held of all bodies together that have not arrived as a whole. */
export class BodyRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/**
 * The body of a request, cut off one byte after what may be looked at. A longer one is not waited for: its rest is
 * read while it is answered, and one that does not end costs its client the connection.
 * Without a room for it nothing is kept: it is read in the same way, and gives no bytes.
 * @throws {Unavailable} when there is no room for it. @throws {Error} when the client goes away before there is enough.
 */
export function readBody(request: IncomingMessage, room: BodyRoom | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    let heldBytes = 0;
    let isKept = room !== undefined;
    let isOver = false;
    const letGo = (): void => {
      room?.giveBack(heldBytes);
      [chunks, heldBytes, isKept] = [[], 0, false];
    };
    const finish = (): void => {
      isOver = true;
      const [first] = chunks;
      const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
      resolve(body.subarray(0, bodyBytesMax + 1));
      letGo();
    };
    const fail = (error: Error): void => {
      isOver = true;
      reject(error);
      letGo();
    };
    const keep = (chunk: Buffer): void => {
      if (room?.take(chunk.length) === false) return fail(new Unavailable("too many bodies at once"));
      heldBytes += chunk.length;
      chunks.push(chunk);
      if (chunks.length > chunksMax) chunks = [Buffer.concat(chunks)];
    };
    request.on("data", (chunk: Buffer) => {
      const isEnough = bytes > bodyBytesMax;
      bytes += chunk.length;
      if (bytes > drainBytesMax) request.destroy(new Error("the body does not end"));
      if (isEnough) return;
      if (isKept) keep(chunk);
      if (bytes > bodyBytesMax) finish();
    });
    request.on("end", finish);
    request.on("error", fail);
    request.on("close", () => {
      if (!isOver) fail(new Error("the client went away"));
    });
  });
}
