import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../../compose/paths.js";
import { runCommand } from "../../compose/run-command.js";

/** A folder with little room, which can be used up. */
export interface SmallDisk {
  /** Leaves no room for anybody. */
  fill(): Promise<void>;
  clear(): Promise<void>;
  /** Afterwards what was in it is gone. */
  unmount(): Promise<void>;
}

/** Mounts a disk of so many megabytes at a folder, unless there is one; only root can. */
export async function aSmallDisk(folder: string, megabytes: number, env: Env): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  if (!(await isMounted(folder)))
    await runCommand(["mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tekstream-faults", folder], {
      env,
    });
  const ballast = join(folder, "ballast");
  return {
    fill: () => writeUntilFull(ballast),
    clear: () => rm(ballast, { force: true }),
    unmount: async () => void (await runCommand(["umount", folder], { env })),
  };
}

async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile("/proc/mounts", "utf8");
  return mounts.split("\n").some((line) => line.split(" ")[1] === folder);
}

/** Big pieces first, then small ones for what they leave. */
async function writeUntilFull(file: string): Promise<void> {
  const ballast = await open(file, "a");
  try {
    for (const bytes of [1_048_576, 4096]) {
      const piece = Buffer.alloc(bytes);
      while (await hasRoomFor(ballast.write(piece)));
    }
  } finally {
    await ballast.close();
  }
}

function hasRoomFor(writing: Promise<{ bytesWritten: number }>): Promise<boolean> {
  return writing.then(
    ({ bytesWritten }) => bytesWritten > 0,
    (error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
      throw error;
    },
  );
}
