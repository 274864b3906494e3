import { expect, test } from "vitest";
import { readSettings } from "../../shared/process/settings.js";
import { NeedsOperator } from "../../shared/process/outcomes.js";
import { gatewaySettings } from "./config.js";
import { refuseLongDelay } from "./shutdown-time.js";

const needed = {
  TEKSTREAM_KAFKA_BROKERS: "127.0.0.1:1",
  TEKSTREAM_REGISTRY_URL: "http://127.0.0.1:1",
  TEKSTREAM_MONGODB_URL: "mongodb://127.0.0.1:1",
  TEKSTREAM_MASTER_KEY: "a",
};

function refuse(environment: Record<string, string>): () => void {
  return () => refuseLongDelay(readSettings(gatewaySettings, { ...needed, ...environment }));
}

test.each([
  ["none", {}],
  ["one that leaves time for the last publish", { SHUTDOWN_DELAY: "9s" }],
  ["a longer one, with a longer time to stop", { SHUTDOWN_DELAY: "60s", SHUTDOWN_TIMEOUT: "71s" }],
  ["none, with hardly any time to stop", { SHUTDOWN_TIMEOUT: "1s" }],
])("a delay is taken: %s", (_which, environment) => {
  expect(refuse(environment)).not.toThrow();
});

test.each([
  ["a second more than the default times leave", { SHUTDOWN_DELAY: "10s" }, "21s"],
  ["as long as the time to stop", { SHUTDOWN_DELAY: "60s", SHUTDOWN_TIMEOUT: "60s" }, "71s"],
  ["too long for publishes that may take longer", { SHUTDOWN_DELAY: "5s", PUBLISH_TIMEOUT: "30s" }, "36s"],
])("a delay is refused, and it says what to do: %s", (_which, environment, least) => {
  expect(refuse(environment)).toThrow(NeedsOperator);
  expect(refuse(environment)).toThrow(`Set it to ${least} or more`);
});
