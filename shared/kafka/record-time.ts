import type { LogRecord } from "./log-record.js";

/**
 * The time of a record in unix seconds, with fractions. It is an argument so that recorded requests can be played again
 * at their own time: then it is read from the message, for the log takes no time but its own.
 */
export type RecordTime<Message> = (message: Message, record: Pick<LogRecord, "timestamp">) => number;

/** When the log took the record. */
export function appendTime(_message: unknown, { timestamp }: Pick<LogRecord, "timestamp">): number {
  return Number(timestamp) / 1000;
}
