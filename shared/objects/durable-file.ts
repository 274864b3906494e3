import { randomUUID } from "node:crypto";
import { link, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file that appears whole or not at all, by a hard link, which fails where the name exists. */
export async function createFile(path: string, bytes: Uint8Array): Promise<"written" | "exists"> {
  const temporary = await temporaryFile(path, bytes);
  try {
    await link(temporary, path);
    return "written";
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "exists";
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Writes and syncs a file beside `path`; gives its own path. */
export async function temporaryFile(path: string, bytes: Uint8Array): Promise<string> {
  const temporary = `${path}.${randomUUID()}.partial`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

/** For `catch`: undefined where there is no such file. */
export function missing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
  return undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
