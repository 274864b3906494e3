import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";

/** What a partition holds for readers of committed records: from `low` to before `high`. */
export interface LogLimits {
  readonly low: number;
  readonly high: number;
}

/** The limits of each partition of a topic (named without the prefix), by its number. @throws {Unavailable} */
export async function logLimits(connection: KafkaConnection, topic: string): Promise<readonly LogLimits[]> {
  const admin = connection.kafka.admin();
  try {
    await admin.connect();
    const found = await admin.fetchTopicOffsets(prefixed(connection, topic));
    return found
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ low, high }) => ({ low: Number(low), high: Number(high) }));
  } catch (error) {
    throw new Unavailable(`the limits of ${topic} can't be read`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}
