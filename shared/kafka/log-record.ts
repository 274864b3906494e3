/** A record as it lies in the log; `timestamp` is its append time in milliseconds. */
export type { KafkaMessage as LogRecord } from "kafkajs";
