import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import type { Log } from "../process/log.js";
import { connectKafka, prefixed, type KafkaConnection } from "./connect.js";
import { createTopics } from "./create-topics.js";

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A connection to the tests' cluster, under a prefix of its own. */
export function aConnection(): KafkaConnection {
  const prefix = `t-${randomBytes(5).toString("hex")}`;
  return connectKafka({
    brokers: inject("endpoints").kafka.brokers,
    prefix,
    process: "admin",
    log: silentLog,
  });
}

/** Runs `work` with a client for the cluster's administration. */
export async function asAdmin<Result>(
  { kafka }: KafkaConnection,
  work: (admin: ReturnType<KafkaConnection["kafka"]["admin"]>) => Promise<Result>,
): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Makes a topic, named without the prefix. */
export async function makeTopic(
  connection: KafkaConnection,
  topic: string,
  partitions: number,
): Promise<void> {
  const topics = [{ topic: prefixed(connection, topic), numPartitions: partitions, replicationFactor: 1 }];
  await asAdmin(connection, (admin) => createTopics(admin, topics));
}
