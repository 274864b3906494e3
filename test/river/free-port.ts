import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeLock } from "../../shared/objects/folder-lock.js";

// Below the range from which the kernel takes ports of outgoing connections: a process that is started again must
// find its port free.
const [portMin, portMax] = [12_000, 20_000];
const claims = join(tmpdir(), "tekstream-test-ports");

/**
 * A loopback port that nothing listens on now and that no caller in any process of tests that runs has been given: one
 * that was just found free looks free to others until a process listens on it, so it is claimed, for this process's life.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(portMin, portMax);
    if ((await takeLock(join(claims, String(port)))) !== undefined && (await isFree(port))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
