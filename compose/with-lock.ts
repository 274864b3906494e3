import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Runs `work` while holding an exclusive lock on `file`, waiting for other holders as long as it takes.
 *
 * The lock is the kernel's, held by a `flock` child that lives exactly as long as its standard input: a launcher that
 * dies, even by SIGKILL, gives the lock back.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn("flock", [file, "sh", "-c", "echo held; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(holder, "exit");
  await Promise.race([once(holder.stdout, "data"), ended.then(() => lockFailed(file))]);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

function lockFailed(file: string): never {
  throw new Error(`flock could not lock ${file}`);
}
