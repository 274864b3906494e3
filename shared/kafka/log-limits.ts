import { Unavailable } from "../process/outcomes.js";
import { prefixed, type KafkaConnection } from "./connect.js";

/** Where a partition begins and ends now: the first offset that retention has left, and the next to be written. */
export interface LogLimits {
  readonly low: number;
  readonly high: number;
}

/**
 * Asks the cluster for the limits of a partition. The topic is named without the prefix.
 * @throws {Unavailable} when the cluster does not answer.
 */
export async function logLimits(
  connection: KafkaConnection,
  topic: string,
  partition: number,
): Promise<LogLimits> {
  const admin = connection.kafka.admin();
  try {
    await admin.connect();
    const limits = await admin.fetchTopicOffsets(prefixed(connection, topic));
    const found = limits.find((limit) => limit.partition === partition);
    if (found === undefined) throw new Unavailable(`${topic} has no partition ${partition} yet`);
    return { low: Number(found.low), high: Number(found.high) };
  } catch (error) {
    throw new Unavailable(`the limits of ${topic} are not known`, { cause: error });
  } finally {
    // Whoever asked has the answer; a broker that is gone must not hold it back.
    admin.disconnect().catch(() => undefined);
  }
}
