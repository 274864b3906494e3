import type { Admin, ITopicConfig } from "kafkajs";
import { clientErrorType } from "./client-error.js";

const leaderSecondsMax = 20;
const pollPauseMs = 50;

/**
 * Creates topics, where they are not there yet, and waits until every partition has a leader. The client's own wait
 * gives up when a broker has not heard of the new topic yet, which is the rule just after its creation.
 * @throws {Error} when there are still partitions without a leader after a while.
 */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  // Resolves to false, without an error, for topics that another process has just created.
  await admin.createTopics({ topics: [...topics], waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  const deadline = performance.now() + leaderSecondsMax * 1000;
  while (!(await haveLeaders(admin, names))) {
    if (performance.now() > deadline)
      throw new Error(`no leaders after ${leaderSecondsMax} s: ${names.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, pollPauseMs));
  }
}

async function haveLeaders(admin: Admin, topics: string[]): Promise<boolean> {
  const found = await admin.fetchTopicMetadata({ topics }).catch(stillUnknown);
  return (
    found?.topics.every(
      ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
    ) ?? false
  );
}

function stillUnknown(error: unknown): undefined {
  const type = clientErrorType(error);
  if (type !== "UNKNOWN_TOPIC_OR_PARTITION" && type !== "LEADER_NOT_AVAILABLE") throw error;
  return undefined;
}
