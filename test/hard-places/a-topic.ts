import { randomBytes } from "node:crypto";
import type { ISocketFactory } from "kafkajs";
import { connectKafka, prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { createTopics } from "../../shared/kafka/create-topics.js";
import type { Log } from "../../shared/process/log.js";
import type { ProcessName } from "../../shared/topology.js";

/** Logs nothing: tests look at outcomes. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Connects under a prefix, a new one by default. */
export function aConnection(
  brokers: readonly string[],
  options: { prefix?: string; process?: ProcessName; socketFactory?: ISocketFactory } = {},
): KafkaConnection {
  const { prefix = `t-${randomBytes(5).toString("hex")}`, process = "gateway", socketFactory } = options;
  const faulty = socketFactory === undefined ? {} : { socketFactory };
  return connectKafka({ brokers, prefix, process, log: silent, ...faulty });
}

/** Makes a topic; gives its full name. */
export async function aTopic(
  connection: KafkaConnection,
  name: string,
  options: { partitions?: number; replication?: number; recordBytesMax?: number } = {},
): Promise<string> {
  const { partitions = 1, replication = 1, recordBytesMax = 1_048_576 } = options;
  const topic = prefixed(connection, name);
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const configEntries = [
      { name: "max.message.bytes", value: String(recordBytesMax) },
      { name: "message.timestamp.type", value: "LogAppendTime" },
    ];
    const wanted = { topic, numPartitions: partitions, replicationFactor: replication, configEntries };
    await createTopics(admin, [wanted]);
  } finally {
    await admin.disconnect();
  }
  return topic;
}
