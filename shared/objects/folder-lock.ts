import { randomUUID } from "node:crypto";
import { readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { createFile, missing } from "./durable-file.js";

// A lock is a file that names its owner: machine, process, the process's start, and something random. One whose owner is
// dead is broken at once, and one whose owner lives never is. Whether a process of another machine lives can't be told:
// where several share a folder, its lock is broken when it is old. It looks whether it still has its lock before it
// writes; should it be frozen for so long just between that look and the write, a newer file is lost.

const lockSecondsMax = 30;
const unknown = "unknown";

export interface FolderLock {
  /** Whether nobody has broken it. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes the lock, and breaks it first where its owner is gone; undefined where another has it. */
export async function takeLock(path: string): Promise<FolderLock | undefined> {
  const mine = [hostname(), process.pid, await startOf(process.pid), randomUUID()].join(" ");
  const take = async (): Promise<boolean> => (await createFile(path, Buffer.from(mine))) === "written";
  if (!(await take()) && !((await breakAbandoned(path)) && (await take()))) return undefined;
  const isHeld = async (): Promise<boolean> => (await contentOf(path)) === mine;
  return {
    isHeld,
    async release() {
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

/** Under a lock of its own: a second breaker would remove what the first has taken by then. */
async function breakAbandoned(path: string): Promise<boolean> {
  if (!(await isAbandoned(path))) return false;
  const breaking = await takeLock(`${path}.lock`);
  if (breaking === undefined) return false;
  try {
    if (!(await isAbandoned(path))) return false;
    await rm(path, { force: true });
    return true;
  } finally {
    await breaking.release();
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const content = await contentOf(path);
  const held = await stat(path).catch(missing);
  if (content === undefined || held === undefined) return false;
  const [machine, pid, start] = content.split(" ");
  if (machine === hostname()) return !(await isAlive(Number(pid), start));
  return Date.now() - held.mtimeMs > lockSecondsMax * 1000;
}

async function isAlive(pid: number, start: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  return [start, unknown].includes(await startOf(pid));
}

/** When a process started, by which it is told from an earlier one with its number. */
async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name before it may have spaces and brackets.
  return line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? unknown;
}

function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(missing);
}
