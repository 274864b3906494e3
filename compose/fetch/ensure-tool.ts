import { access, constants, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import type { Env } from "../paths.js";
import { runCommand } from "../run-command.js";
import { withLock } from "../with-lock.js";

/** A program that must be on PATH, and the Debian package that brings it. */
export type Tool = { readonly program: string; readonly debianPackage: string; readonly why: string };

/**
 * Returns the path of a program, installing its package with apt where that is possible (root on Debian or Ubuntu).
 * Throws an error that names what is missing and how to get it.
 */
export async function ensureTool(tool: Tool, context: { env: Env; cache: string }): Promise<string> {
  const found = await findOnPath(tool.program, context.env);
  if (found !== null) return found;
  if (!(await canInstall(context.env))) throw new Error(howToGet(tool));
  await withLock(join(context.cache, ".locks", "apt.lock"), () => aptInstall(tool, context.env));
  const installed = await findOnPath(tool.program, context.env);
  if (installed === null)
    throw new Error(`apt-get installed ${tool.debianPackage}, yet there is no ${tool.program}`);
  return installed;
}

/** The first executable of this name on PATH (system folders included), or null. */
export async function findOnPath(program: string, env: Env): Promise<string | null> {
  const folders = [...(env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/sbin", "/usr/local/bin"];
  for (const folder of folders.filter((folder) => folder !== "")) {
    const candidate = join(folder, program);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

/** What to tell when a program is missing and can't be installed here. */
export function howToGet(tool: Tool): string {
  return (
    `${tool.program} is missing (${tool.why}). On Debian or Ubuntu: ` +
    `sudo apt-get update && sudo apt-get install ${tool.debianPackage}. Elsewhere: put ${tool.program} on PATH.`
  );
}

async function canInstall(env: Env): Promise<boolean> {
  return process.getuid?.() === 0 && (await findOnPath("apt-get", env)) !== null;
}

async function aptInstall(tool: Tool, env: Env): Promise<void> {
  // Another fetch may have brought it while this one waited for the lock.
  if ((await findOnPath(tool.program, env)) !== null) return;
  const aptEnv = { ...env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  await runCommand(["apt-get", ...wait, "-qq", "update"], { env: aptEnv });
  await withoutServiceStart(() =>
    runCommand(["apt-get", ...wait, "-qq", "-y", "--no-install-recommends", "install", tool.debianPackage], {
      env: aptEnv,
    }),
  );
}

const policyFile = "/usr/sbin/policy-rc.d";
const policyText =
  "#!/bin/sh\n# Written by Tekstream while it installs a package; safe to remove.\nexit 101\n";

// A package such as redis-server starts its service on installation, unless the policy script answers 101.
async function withoutServiceStart<T>(install: () => Promise<T>): Promise<T> {
  const present = await readFile(policyFile, "utf8").catch(() => null);
  const ours = present === null || present === policyText;
  if (ours) await writeFile(policyFile, policyText, { mode: 0o755 });
  try {
    return await install();
  } finally {
    if (ours) await rm(policyFile, { force: true });
  }
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
