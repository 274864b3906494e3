import type { ISocketFactory, Producer } from "kafkajs";
import { Kafka, logLevel } from "kafkajs";

/** A record as an application without a care would send it: the best settings that kafkajs documents, and nothing more. */
export async function plainProducer(
  brokers: readonly string[],
  options: { socketFactory?: ISocketFactory; retries: number; requestTimeoutMs?: number },
): Promise<Producer> {
  const { socketFactory, retries, requestTimeoutMs = 5000 } = options;
  const kafka = new Kafka({
    brokers: [...brokers],
    requestTimeout: requestTimeoutMs,
    retry: { initialRetryTime: 50, maxRetryTime: 200, retries },
    logLevel: logLevel.NOTHING,
    ...(socketFactory === undefined ? {} : { socketFactory }),
  });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { retries },
  });
  await producer.connect();
  return producer;
}
