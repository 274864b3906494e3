import { Kafka, logLevel } from "kafkajs";

/** Throws unless this broker answers, knows a controller, and is a member of the cluster that it sees. */
export async function checkBroker(address: string, nodeId: number): Promise<void> {
  const kafka = new Kafka({
    clientId: "compose",
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.controller === null) throw new Error("the cluster has no controller yet");
    if (!cluster.brokers.some((broker) => broker.nodeId === nodeId))
      throw new Error("not in the cluster yet");
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
