import { prefixed } from "../../shared/kafka/connect.js";
import { deadLetterTopic, deadLetters } from "../../shared/topology.js";
import type { Audit } from "./audit.js";
import { findingAbout, type Finding } from "./finding.js";

/** Nothing that phones send can be a dead letter. */
export async function checkDeadLetters({ connection }: Audit): Promise<readonly Finding[]> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const filled: string[] = [];
    for (const { stream, process } of deadLetters) {
      const topic = deadLetterTopic(stream, process);
      const offsets = await admin.fetchTopicOffsets(prefixed(connection, topic));
      if (offsets.some(({ high }) => high !== "0")) filled.push(topic);
    }
    return findingAbout("dead_letter", filled);
  } finally {
    await admin.disconnect();
  }
}
