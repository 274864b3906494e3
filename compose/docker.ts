import { stringify } from "yaml";

import { brokerTuning } from "./broker-tuning.js";
import { s3Endpoint } from "./endpoints.js";
import { flags } from "./flags.js";
import { registrySettings } from "./parts/registry.js";
import { redisSettings } from "./parts/redis.js";
import { serviceEnvironment, services } from "./services.js";
import type { Service, ServiceSite } from "./services.js";
import { settings, versions } from "./settings.js";

/** The services of a Docker Compose file, as plain data. */
export type DockerServices = Record<string, Record<string, unknown>>;

const prefix = "tekstream";
const httpPort = 8081;
const apiPort = 8080;
const masterKeySecret = "master-key";
const bucketMaker = "object-store-bucket";
const endpoints = {
  kafka: { brokers: ["kafka:9092"] },
  registry: { url: `http://registry:8080${settings.registry.apiPath}` },
  mongodb: {
    url: `mongodb://mongodb:27017/?replicaSet=${settings.mongodb.replicaSet}&directConnection=true`,
  },
  redis: { url: "redis://redis:6379" },
  objectStore: s3Endpoint("object-store:7070"),
};

/**
 * The text of `docker-compose.yml`, made from the same settings as the native processes: one broker, our own
 * processes from one image, and nothing published beyond the host's loopback.
 */
export function renderDockerCompose(): string {
  const document = {
    name: "tekstream",
    services: { ...partServices(), ...ownServices() },
    volumes: { kafka: {}, mongodb: {}, redis: {}, "object-store": {} },
    // Made by `make docker-up` where it is missing.
    secrets: { [masterKeySecret]: { file: "./secrets/master-key" } },
  };
  const header =
    "# Generated from compose/settings.ts and compose/services.ts. Change those, then run\n" +
    "# node dist/compose/main.js docker-file > compose/docker-compose.yml\n";
  return header + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" });
}

function partServices(): DockerServices {
  return {
    kafka: kafkaService(),
    registry: registryService(),
    mongodb: mongodbService(),
    redis: redisService(),
    "object-store": objectStoreService(),
  };
}

function ownServices(): DockerServices {
  const own = services.map((service) => [service.name, ownService(service)] as const);
  return { [bucketMaker]: bucketService(), ...Object.fromEntries(own) };
}

function kafkaService(): Record<string, unknown> {
  const properties = {
    ...brokerTuning(1),
    "node.id": "1",
    "controller.quorum.voters": "1@kafka:9093",
    listeners: "PLAINTEXT://:9092,CONTROLLER://:9093",
    "advertised.listeners": "PLAINTEXT://kafka:9092",
    "log.dirs": "/var/lib/kafka/data",
  };
  const { heapMax, heapMin } = settings.kafka;
  const opts = { KAFKA_HEAP_OPTS: `-Xmx${heapMax} -Xms${heapMin}`, CLUSTER_ID: "AHRla3N0cmVhbS1kb2NrZQ" };
  const probe = "/opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server kafka:9092";
  return {
    image: `apache/kafka:${versions.kafka}`,
    hostname: "kafka",
    environment: { ...opts, ...asVariables("KAFKA_", properties) },
    volumes: ["kafka:/var/lib/kafka/data"],
    ...supervised(["CMD-SHELL", `${probe} > /dev/null`], 10),
  };
}

function registryService(): Record<string, unknown> {
  const { heapMax, heapMin } = settings.registry;
  return {
    image: `apicurio/apicurio-registry:${versions.registry}`,
    environment: {
      JAVA_OPTS_APPEND: `-Xmx${heapMax} -Xms${heapMin}`,
      ...asVariables("", registrySettings(endpoints.kafka.brokers, prefix)),
    },
    depends_on: whenHealthy(["kafka"]),
    ...supervised(["CMD-SHELL", "curl -fsS http://127.0.0.1:8080/health/ready > /dev/null"], 5),
  };
}

function mongodbService(): Record<string, unknown> {
  const { replicaSet, options } = settings.mongodb;
  const initiate = `rs.initiate({_id: '${replicaSet}', members: [{_id: 0, host: 'mongodb:27017'}]})`;
  const script = `try { rs.status() } catch { ${initiate} }; quit(db.hello().isWritablePrimary ? 0 : 1)`;
  return {
    image: `mongo:${versions.mongodbImage}`,
    hostname: "mongodb",
    command: ["--bind_ip_all", ...flags({ replSet: replicaSet, ...options })],
    volumes: ["mongodb:/data/db"],
    // The check also starts the replica set: there is no other moment at which the server runs already.
    ...supervised(["CMD", "mongosh", "--quiet", "--eval", script], 5),
  };
}

function redisService(): Record<string, unknown> {
  return {
    image: `redis:${versions.redisImage}`,
    command: ["redis-server", ...redisSettings()],
    volumes: ["redis:/data"],
    ...supervised(["CMD", "redis-cli", "ping"], 5),
  };
}

function objectStoreService(): Record<string, unknown> {
  const { accessKey, secretKey, region } = settings.objectStore;
  return {
    image: `versity/versitygw:${versions.objectStore}`,
    environment: { ROOT_ACCESS_KEY_ID: accessKey, ROOT_SECRET_ACCESS_KEY: secretKey },
    command: [
      ...flags({ port: ":7070", region, health: "/health" }),
      "--quiet",
      "--keep-alive",
      "posix",
      "/data",
    ],
    volumes: ["object-store:/data"],
    ports: ["127.0.0.1:7070:7070"],
    ...supervised(["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:7070/health"], 5),
  };
}

function bucketService(): Record<string, unknown> {
  return {
    ...ownImage,
    command: ["node", "dist/compose/main.js", "bucket", endpoints.objectStore.url],
    depends_on: whenHealthy(["object-store"]),
    restart: "on-failure",
  };
}

function ownService(service: Service): Record<string, unknown> {
  const probe = `fetch('http://127.0.0.1:${httpPort}/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return {
    ...ownImage,
    command: ["node", "--enable-source-maps", service.entry],
    environment: { ...serviceEnvironment(endpoints, site(service)), ...service.env },
    secrets: [masterKeySecret],
    depends_on: {
      ...whenHealthy(["kafka", "registry", "mongodb", "redis", "object-store"]),
      [bucketMaker]: { condition: "service_completed_successfully" },
    },
    ...(service.hasApi === true ? { ports: [`127.0.0.1:${apiPort}:${apiPort}`] } : {}),
    ...supervised(["CMD", "node", "-e", probe], 5),
    stop_grace_period: `${settings.stopSecondsMax}s`,
  };
}

function site(service: Service): ServiceSite {
  const masterKeyFile = `/run/secrets/${masterKeySecret}`;
  return {
    prefix,
    brokers: 1,
    host: "0.0.0.0",
    httpPort,
    apiPort: service.hasApi === true ? apiPort : undefined,
    masterKeyFile,
  };
}

const ownImage = {
  image: "tekstream:local",
  build: {
    context: "..",
    dockerfile: "compose/Dockerfile",
    args: { NODE_IMAGE: versions.nodeImage },
  },
};

function supervised(test: readonly string[], intervalSeconds: number): Record<string, unknown> {
  return {
    healthcheck: { test, interval: `${intervalSeconds}s`, timeout: "10s", retries: 20, start_period: "60s" },
    restart: "unless-stopped",
  };
}

function whenHealthy(names: readonly string[]): Record<string, { condition: string }> {
  return Object.fromEntries(names.map((name) => [name, { condition: "service_healthy" }]));
}

// Both images read properties from variables of that form: upper case, "_" for "." and "-".
function asVariables(start: string, properties: Record<string, string>): Record<string, string> {
  const variable = (name: string): string => start + name.toUpperCase().replaceAll(/[.-]/g, "_");
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [variable(name), value]));
}
