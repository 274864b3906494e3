import { existsSync } from "node:fs";
import { join } from "node:path";

import { brokerNames, portOf } from "./endpoints.js";
import type { Endpoints } from "./endpoints.js";
import { masterKeyFile } from "./master-key-file.js";
import type { Part } from "./part.js";
import { checkHttp } from "./probes/check-http.js";
import { replicationFor } from "./settings.js";
import type { StackContext } from "./stack-context.js";

/**
 * One of our own processes: its name, its entry module below the checkout, and settings beyond those that every process
 * gets from `serviceEnvironment`. Every one answers `GET /ready` on `TEKSTREAM_HTTP_PORT`.
 */
export type Service = {
  readonly name: string;
  readonly entry: string;
  /** It also listens on `PORT`, for phones. */
  readonly hasApi?: boolean;
  readonly env: Readonly<Record<string, string>>;
};

/** The name under which the port of a service's API is kept. */
export function apiPortName(service: string): string {
  return `${service}-api`;
}

/**
 * For a process that works on a few large buffers: what it lets go of goes back to the system at once, where glibc would
 * keep tens of megabytes, and its few small objects do with a small young generation.
 */
const largeBuffers = { MALLOC_TRIM_THRESHOLD_: "131072", NODE_OPTIONS: "--max-semi-space-size=2" };

/** The processes that `up` and the Docker Compose file run. */
export const services: readonly Service[] = [
  { name: "gateway", entry: "dist/producers/gateway/main.js", hasApi: true, env: {} },
  { name: "clock", entry: "dist/producers/clock/main.js", env: {} },
  { name: "jwks", entry: "dist/producers/jwks/main.js", env: {} },
  { name: "key-store", entry: "dist/consumers/key-store/main.js", env: {} },
  { name: "export-window", entry: "dist/consumers/export-window/main.js", env: largeBuffers },
  { name: "stats", entry: "dist/consumers/stats/main.js", env: {} },
];

/** What the settings of a process depend on, besides the addresses of the parts. */
export type ServiceSite = {
  readonly prefix: string;
  readonly brokers: number;
  /** Address that the process listens on. */
  readonly host: string;
  readonly httpPort: number;
  /** Port for phones, where it has one. */
  readonly apiPort?: number | undefined;
  readonly masterKeyFile: string;
};

/** The settings that every process gets. */
export function serviceEnvironment(
  endpoints: Pick<Endpoints, "kafka" | "registry" | "mongodb" | "redis" | "objectStore">,
  site: ServiceSite,
): Record<string, string> {
  return {
    TEKSTREAM_KAFKA_BROKERS: endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: endpoints.registry.url,
    TEKSTREAM_MONGODB_URL: endpoints.mongodb.url,
    TEKSTREAM_REDIS_URL: endpoints.redis.url,
    TEKSTREAM_OBJECT_STORE_URL: endpoints.objectStore.url,
    TEKSTREAM_PREFIX: site.prefix,
    TEKSTREAM_REPLICATION: String(replicationFor(site.brokers).factor),
    TEKSTREAM_MASTER_KEY_FILE: site.masterKeyFile,
    TEKSTREAM_HTTP_HOST: site.host,
    TEKSTREAM_HTTP_PORT: String(site.httpPort),
    ...(site.apiPort === undefined ? {} : { HOST: site.host, PORT: String(site.apiPort) }),
  };
}

/** A service as a supervised process of a stack, started when all real parts are healthy. */
export function servicePart(stack: StackContext, endpoints: Endpoints, service: Service): Part {
  const port = portOf(stack.ports, service.name);
  const entry = join(stack.root, service.entry);
  const apiPort = service.hasApi === true ? portOf(stack.ports, apiPortName(service.name)) : undefined;
  const site = {
    prefix: stack.prefix,
    brokers: stack.brokers,
    host: "127.0.0.1",
    httpPort: port,
    apiPort,
    masterKeyFile: masterKeyFile(stack.directory),
  };
  return {
    name: service.name,
    after: [...brokerNames(stack.brokers), "registry", "mongodb", "redis", "object-store"],
    ports: { http: port, ...(apiPort === undefined ? {} : { api: apiPort }) },
    command: [process.execPath, "--enable-source-maps", entry],
    env: { ...serviceEnvironment(endpoints, site), ...service.env },
    cwd: stack.directory,
    prepare: async () => {
      if (!existsSync(entry)) throw new Error(`${entry} does not exist: run "npm run build" first`);
    },
    check: () => checkHttp(`http://127.0.0.1:${port}/ready`),
  };
}
