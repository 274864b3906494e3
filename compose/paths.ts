import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Environment variables as a plain record: only entry points read `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where a checkout keeps what it fetched (`cache`) and what its stacks own (`state`). */
export type Paths = { readonly root: string; readonly cache: string; readonly state: string };

/** Reads `TEKSTREAM_CACHE` (default `~/.cache/tekstream`) and `TEKSTREAM_STATE` (default `<checkout>/.tekstream`). */
export function pathsFrom(env: Env): Paths {
  const root = checkoutRoot(import.meta.dirname);
  const home = env["HOME"] ?? homedir();
  return {
    root,
    cache: env["TEKSTREAM_CACHE"] ?? join(home, ".cache", "tekstream"),
    state: env["TEKSTREAM_STATE"] ?? join(root, ".tekstream"),
  };
}

/** The folder of one stack. Throws on a name that could leave it or that a topic could not carry. */
export function stackDirectory(paths: Paths, name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
    throw new Error(
      `stack name ${JSON.stringify(name)} must be 1 to 40 of a-z, 0-9 and "-", not starting with "-"`,
    );
  }
  return join(paths.state, "stacks", name);
}

// The same file runs from the sources and from dist/, one folder deeper.
function checkoutRoot(from: string): string {
  if (existsSync(join(from, "package.json"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error("package.json was not found above the compose folder");
  return checkoutRoot(parent);
}
