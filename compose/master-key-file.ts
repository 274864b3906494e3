import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a stack keeps the secret from which its processes derive all others. */
export function masterKeyFile(directory: string): string {
  return join(directory, "master-key");
}

/** Makes the master key of a stack where it has none: with another one, nothing that was wrapped could be read again. */
export async function ensureMasterKey(directory: string): Promise<void> {
  const text = `${randomBytes(32).toString("base64")}\n`;
  await writeFile(masterKeyFile(directory), text, { mode: 0o600, flag: "wx" }).catch((error: unknown) => {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST") throw error;
  });
}
