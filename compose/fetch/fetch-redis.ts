import { versions } from "../settings.js";
import { runCommand } from "../run-command.js";
import { ensureTool } from "./ensure-tool.js";
import type { FetchContext } from "./fetch-context.js";

/** Finds `redis-server` on PATH or installs it (its packaged service is not started); returns its path. */
export async function fetchRedis(context: FetchContext): Promise<string> {
  const why = "it is the store of the job queue";
  const redis = await ensureTool({ program: "redis-server", debianPackage: "redis-server", why }, context);
  const version = await runCommand([redis, "--version"], context);
  const major = Number(/v=(\d+)\./.exec(version)?.[1]);
  if (major >= versions.redisMajorMin) return redis;
  throw new Error(
    `${redis} is too old (${version.trim()}): version ${versions.redisMajorMin} or newer is needed`,
  );
}
