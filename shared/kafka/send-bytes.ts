import kafkajs, { type Admin } from "kafkajs";
import { NeedsOperator } from "../process/outcomes.js";
import { clientErrorType } from "./client-error.js";

const { ConfigResourceTypes } = kafkajs;

/** What one send holds at most, less than a topic takes as it is made (`max.message.bytes` counts the whole send). */
export const sendBytesMax = 900_000;
const typesOfUntold = [
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "UNKNOWN_TOPIC_OR_PARTITION",
];

/**
 * Nothing can be written to a topic that takes too little, and not even a transaction can end in it: whoever waits for
 * that waits for ever. Where the cluster does not tell, as those who may not ask or of a topic that was just made, nothing
 * is refused.
 * @throws {NeedsOperator} names the topics that take less than a send may hold.
 */
export async function refuseSmallTopics(admin: Admin, topics: readonly string[]): Promise<void> {
  const resources = topics.map((name) => ({
    type: ConfigResourceTypes.TOPIC,
    name,
    configNames: ["max.message.bytes"],
  }));
  const described = await admin.describeConfigs({ includeSynonyms: false, resources }).catch(whereUntold);
  const small = described?.resources.filter(({ configEntries }) =>
    configEntries.some(({ configValue }) => Number(configValue) < sendBytesMax),
  );
  if (small === undefined || small.length === 0) return;
  const names = small.map(({ resourceName }) => resourceName).join(", ");
  throw new NeedsOperator(
    `max.message.bytes is less than ${sendBytesMax} for ${names}: set it to 1048576, as Tekstream does where it makes the topic.`,
  );
}

function whereUntold(error: unknown): undefined {
  if (!typesOfUntold.some((untold) => untold === clientErrorType(error))) throw error;
  return undefined;
}
