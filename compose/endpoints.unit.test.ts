import { expect, test } from "vitest";

import { endpointsFrom } from "./endpoints.js";
import { serviceEnvironment } from "./services.js";

const ports = {
  "kafka-1": 1,
  "kafka-2": 2,
  "kafka-3": 3,
  registry: 4,
  mongodb: 5,
  redis: 6,
  "object-store": 7,
  gateway: 8,
  "gateway-api": 9,
};

test("addresses follow from the ports", () => {
  const endpoints = endpointsFrom({
    ports,
    brokers: 3,
    objectStoreFolder: null,
    services: [{ name: "gateway", apiName: "gateway-api" }],
  });
  expect(endpoints).toMatchObject({
    kafka: { brokers: ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"] },
    registry: { url: "http://127.0.0.1:4/apis/ccompat/v7" },
    mongodb: { url: "mongodb://127.0.0.1:5/?replicaSet=rs0&directConnection=true" },
    redis: { url: "redis://127.0.0.1:6" },
    objectStore: { kind: "s3", endpoint: "http://127.0.0.1:7", bucket: "tekstream" },
    services: { gateway: { url: "http://127.0.0.1:8", apiUrl: "http://127.0.0.1:9" } },
  });
});

test("without an S3 server a folder stands in for it", () => {
  const endpoints = endpointsFrom({ ports, brokers: 1, objectStoreFolder: "/data/objects", services: [] });
  expect(endpoints.objectStore).toEqual({
    kind: "folder",
    path: "/data/objects",
    url: "file:///data/objects",
  });
});

test("a part without a port is an error", () => {
  const stack = { ports: {}, brokers: 1, objectStoreFolder: null, services: [] };
  expect(() => endpointsFrom(stack)).toThrow("no port was chosen for kafka-1");
});

test("a process is told every address, the prefix and its own ports", () => {
  const endpoints = endpointsFrom({ ports, brokers: 3, objectStoreFolder: null, services: [] });
  const site = {
    prefix: "dev",
    brokers: 3,
    host: "127.0.0.1",
    httpPort: 8,
    apiPort: 9,
    masterKeyFile: "/stack/master-key",
  };
  const environment = serviceEnvironment(endpoints, site);
  expect(environment).toMatchObject({
    TEKSTREAM_KAFKA_BROKERS: "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3",
    TEKSTREAM_PREFIX: "dev",
    TEKSTREAM_HTTP_PORT: "8",
    PORT: "9",
    TEKSTREAM_REPLICATION: "3",
    TEKSTREAM_MASTER_KEY_FILE: "/stack/master-key",
  });
  const store = new URL(environment["TEKSTREAM_OBJECT_STORE_URL"] ?? "");
  expect([store.protocol, store.host, store.pathname]).toEqual(["s3:", "127.0.0.1:7", "/tekstream"]);
});
