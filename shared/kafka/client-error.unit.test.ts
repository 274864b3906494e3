import { createRequire } from "node:module";
import kafkajs from "kafkajs";
import { expect, test } from "vitest";
import { isClientError } from "./client-error.js";

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded } = kafkajs;

/** What the client throws when it asks a broker that it has just lost: a part of it that it does not export. */
async function errorOfLostBroker(): Promise<unknown> {
  const require = createRequire(import.meta.url);
  const Broker = require("kafkajs/src/broker/index.js") as new (options: object) => {
    metadata(): Promise<unknown>;
  };
  const logger = { namespace: () => logger };
  const connectionPool = { host: "127.0.0.1", port: 9 };
  return new Broker({ connectionPool, logger }).metadata().catch((error: unknown) => error);
}

test("the client's errors are told from ours, the one without a type as well", async () => {
  const lost = await errorOfLostBroker();
  expect(lost).toBeInstanceOf(Error);
  expect(isClientError(lost)).toBe(true);
  expect(isClientError(new KafkaJSConnectionError("gone"))).toBe(true);
  const cause = new Error("gone");
  expect(isClientError(new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 1, retryTime: 1 }))).toBe(
    true,
  );
  expect(isClientError(new TypeError("ours"))).toBe(false);
  expect(isClientError("gone")).toBe(false);
});
