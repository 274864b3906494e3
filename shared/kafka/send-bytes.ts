import type { Admin } from "kafkajs";
import { NeedsOperator } from "../process/outcomes.js";

/** What one send holds at most, less than a topic takes as it is made (`max.message.bytes` counts the whole send). */
export const sendBytesMax = 900_000;
/** The protocol's number for topics among the things that have settings. */
const topicResource = 2;

/**
 * Nothing can be written to a topic that takes too little, and not even a transaction can end in it: whoever waits for
 * that waits for ever. A process that may not ask the cluster for settings is taken to be set up well.
 * @throws {NeedsOperator} names the topics that take less than a send may hold.
 */
export async function refuseSmallTopics(admin: Admin, topics: readonly string[]): Promise<void> {
  const resources = topics.map((name) => ({ type: topicResource, name, configNames: ["max.message.bytes"] }));
  const described = await admin.describeConfigs({ includeSynonyms: false, resources }).catch(whereForbidden);
  const small = described?.resources.filter(({ configEntries }) =>
    configEntries.some(({ configValue }) => Number(configValue) < sendBytesMax),
  );
  if (small === undefined || small.length === 0) return;
  const names = small.map(({ resourceName }) => resourceName).join(", ");
  throw new NeedsOperator(
    `max.message.bytes is less than ${sendBytesMax} for ${names}: set it to 1048576, as Tekstream does where it makes the topic.`,
  );
}

function whereForbidden(error: unknown): undefined {
  const type = error instanceof Error && "type" in error ? error.type : undefined;
  if (type !== "TOPIC_AUTHORIZATION_FAILED" && type !== "CLUSTER_AUTHORIZATION_FAILED") throw error;
  return undefined;
}
