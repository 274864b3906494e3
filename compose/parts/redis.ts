import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { portOf } from "../endpoints.js";
import { flags } from "../flags.js";
import type { Part } from "../part.js";
import { checkRedis } from "../probes/check-redis.js";
import { settings } from "../settings.js";
import type { StackContext } from "../stack-context.js";

/** Redis for the job queue: it keeps its data over a restart and never evicts a job. */
export function redisPart(stack: StackContext): Part {
  const port = portOf(stack.ports, "redis");
  const data = join(stack.directory, "data", "redis");
  return {
    name: "redis",
    after: [],
    ports: { redis: port },
    command: [stack.programs.redis, ...nativeSettings(port, data), ...redisSettings()],
    env: {},
    cwd: stack.directory,
    prepare: async () => void (await mkdir(data, { recursive: true })),
    check: () => checkRedis(port),
  };
}

/** The settings that matter to us, as arguments. */
export function redisSettings(): string[] {
  const { maxmemoryPolicy, appendfsync } = settings.redis;
  return flags({ appendonly: "yes", appendfsync, save: "", "maxmemory-policy": maxmemoryPolicy });
}

// Redis writes its process title over its own environment, which would wipe out the mark of the stack.
function nativeSettings(port: number, data: string): string[] {
  return flags({ port, bind: "127.0.0.1", dir: data, daemonize: "no", "set-proc-title": "no" });
}
