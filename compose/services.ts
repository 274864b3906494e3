import { existsSync } from "node:fs";
import { join } from "node:path";

import { brokerNames, portOf } from "./endpoints.js";
import type { Endpoints } from "./endpoints.js";
import type { Part } from "./part.js";
import { checkHttp } from "./probes/check-http.js";
import type { StackContext } from "./stack-context.js";

/**
 * One of our own processes: its name, its entry module below the checkout, and settings beyond those that every process
 * gets from `serviceEnvironment`. Every one answers `GET /ready` on `TEKSTREAM_HTTP_PORT`.
 */
export type Service = {
  readonly name: string;
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
};

/** The processes that `up` and the Docker Compose file run. */
export const services: readonly Service[] = [
  { name: "gateway", entry: "dist/producers/gateway/main.js", env: {} },
  { name: "clock", entry: "dist/producers/clock/main.js", env: {} },
  { name: "key-store", entry: "dist/consumers/key-store/main.js", env: {} },
  { name: "export-window", entry: "dist/consumers/export-window/main.js", env: {} },
];

/** The settings that every process gets: where the parts are, the prefix of all names, and its own HTTP port. */
export function serviceEnvironment(
  endpoints: Pick<Endpoints, "kafka" | "registry" | "mongodb" | "redis" | "objectStore">,
  prefix: string,
  httpPort: number,
): Record<string, string> {
  return {
    TEKSTREAM_KAFKA_BROKERS: endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: endpoints.registry.url,
    TEKSTREAM_MONGODB_URL: endpoints.mongodb.url,
    TEKSTREAM_REDIS_URL: endpoints.redis.url,
    TEKSTREAM_OBJECT_STORE_URL: endpoints.objectStore.url,
    TEKSTREAM_PREFIX: prefix,
    TEKSTREAM_HTTP_PORT: String(httpPort),
  };
}

/** A service as a supervised process of a stack, started when all real parts are healthy. */
export function servicePart(stack: StackContext, endpoints: Endpoints, service: Service): Part {
  const port = portOf(stack.ports, service.name);
  const entry = join(stack.root, service.entry);
  return {
    name: service.name,
    after: [...brokerNames(stack.brokers), "registry", "mongodb", "redis", "object-store"],
    ports: { http: port },
    command: [process.execPath, "--enable-source-maps", entry],
    env: { ...serviceEnvironment(endpoints, stack.prefix, port), ...service.env },
    cwd: stack.directory,
    prepare: async () => {
      if (!existsSync(entry)) throw new Error(`${entry} does not exist: run "npm run build" first`);
    },
    check: () => checkHttp(`http://127.0.0.1:${port}/ready`),
  };
}
