import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./a-process.js";

const run = promisify(execFile);

/** Another commit's code, built beside this checkout. */
export interface AnotherBuild {
  /** Short name of the commit. */
  readonly commit: string;
  readonly checkout: string;
  remove(): Promise<void>;
}

/** The commit before what is checked out. What is not committed yet counts as a commit. @throws {Error} without git. */
export async function commitBefore(): Promise<string> {
  const isChanged = (await git("status", "--porcelain", "--untracked-files=no")) !== "";
  return isChanged ? "HEAD" : "HEAD~1";
}

/**
 * Builds a commit with the packages of this checkout, after `change` has changed its files.
 * @throws {Error} without git, or when it can't be built.
 */
export async function anotherBuild(
  wanted: string,
  change?: (checkout: string) => Promise<void>,
): Promise<AnotherBuild> {
  const commit = await git("rev-parse", "--short", wanted);
  const checkout = await mkdtemp(join(tmpdir(), `tekstream-${commit}-`));
  await git("worktree", "add", "--detach", "--force", checkout, commit);
  const remove = async (): Promise<void> => {
    await git("worktree", "remove", "--force", checkout);
    await rm(checkout, { recursive: true, force: true });
  };
  try {
    await change?.(checkout);
    await symlink(join(root, "node_modules"), join(checkout, "node_modules"));
    await run("npm", ["run", "--silent", "build"], { cwd: checkout });
  } catch (error) {
    await remove();
    throw error;
  }
  return { commit, checkout, remove };
}

async function git(...words: string[]): Promise<string> {
  return (await run("git", ["-C", root, ...words])).stdout.trim();
}
