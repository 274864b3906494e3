import { connectKafka, type KafkaConnection } from "../kafka/connect.js";
import type { KafkaAccess } from "../kafka/kafka-security.js";
import { defaultTopicSettings, provisionTopics } from "../kafka/provision-topics.js";
import { registerSchemas, type SchemaFraming } from "./schema-framing.js";
import type { ProcessName } from "../topology.js";
import type { Log } from "../process/log.js";
import { untilAvailable } from "../process/until-available.js";

export interface LogSettings extends KafkaAccess {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly prefix: string;
  readonly partitions: number;
  readonly replication: number;
}

/**
 * Connects to the log: makes missing topics, registers the schemas. Waits for a cluster or a registry that is not up
 * yet, so that processes can be started in any order.
 * @throws {NeedsOperator} when a schema can't follow the registered ones: nothing helps but another version.
 */
export async function openLog(
  process: ProcessName,
  settings: LogSettings,
  log: Log,
): Promise<{ connection: KafkaConnection; framing: SchemaFraming }> {
  const connection = connectKafka({ ...settings, process, log });
  const topics = {
    ...defaultTopicSettings,
    partitions: settings.partitions,
    replication: settings.replication,
  };
  await untilAvailable("the cluster", log, () => provisionTopics(connection, topics));
  const framing = await untilAvailable("the schema registry", log, () =>
    registerSchemas(settings.registryUrl, settings.prefix),
  );
  return { connection, framing };
}
