import { Kafka, logLevel as kafkaLogLevel, type ISocketFactory, type LogEntry } from "kafkajs";
import type { ProcessName } from "../topology.js";
import type { Log } from "../process/log.js";
import { kafkaSecurity, type KafkaAccess } from "./kafka-security.js";
import { letIdleQueuesSleep } from "./idle-queues.js";

letIdleQueuesSleep();

/** A connection to the cluster, with the names of this deployment and process. */
export interface KafkaConnection {
  readonly kafka: Kafka;
  /** Starts every topic, group and transactional id. */
  readonly prefix: string;
  readonly process: ProcessName;
  readonly log: Log;
}

/**
 * Prepares a connection; nothing is sent before a producer, consumer or admin connects.
 * @throws {NeedsOperator} when a user or a password is missing.
 */
export function connectKafka(
  options: KafkaAccess & {
    brokers: readonly string[];
    prefix: string;
    process: ProcessName;
    log: Log;
    /** Makes the client's sockets in another way than usual: tests cut and stall them. */
    socketFactory?: ISocketFactory;
  },
): KafkaConnection {
  const { brokers, prefix, process, log, socketFactory } = options;
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: `${prefix}.${process}`,
    ...kafkaSecurity(options),
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 6 },
    logCreator: () => (entry) => {
      forward(log, entry);
    },
    logLevel: kafkaLogLevel.WARN,
    ...(socketFactory === undefined ? {} : { socketFactory }),
  });
  return { kafka, prefix, process, log };
}

/** Name of a topic, group or transactional id within this deployment. */
export function prefixed(connection: { readonly prefix: string }, name: string): string {
  return `${connection.prefix}.${name}`;
}

/** The client retries what it reports here; what it gives up on reaches its caller, who decides and logs. */
function forward(
  log: Log,
  { level, namespace, log: { message, timestamp: _timestamp, logger: _logger, ...fields } }: LogEntry,
): void {
  const line = { kafka: namespace, ...fields };
  if (level === kafkaLogLevel.ERROR) log.warn(line, message);
  else log.debug(line, message);
}
