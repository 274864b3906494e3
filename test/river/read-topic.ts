import type { LogRecord } from "../../shared/kafka/log-record.js";
import { Follower } from "../../shared/kafka/follower.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { Log } from "../../shared/process/log.js";
import type { Stream } from "../../shared/topology.js";
import { connectKafka } from "../../shared/kafka/connect.js";

/** A committed record of a topic, decoded. */
export interface ReadRecord<Message> {
  readonly partition: number;
  readonly offset: number;
  readonly partitionTime: number;
  readonly message: Message;
}

/** A record as it is, and the partition that it is in. */
export type PlacedRecord = LogRecord & { readonly partition: number };

/** Says nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Every committed record that a stream holds now, of all partitions, those that can't be decoded left out. */
export async function readStream<In, Out extends In>(
  env: Readonly<Record<string, string>>,
  stream: Stream<In, Out>,
): Promise<ReadRecord<Out>[]> {
  const { framing } = await openLog("admin", logSettingsOf(env), silentLog);
  const records = await readRaw(env, stream.topic);
  const decoded = await framing.decodeAll(
    stream,
    records.map(({ value }) => value),
  );
  return decoded.flatMap((result, index) => {
    const record = records[index];
    if (result.fate !== "done" || record === undefined) return [];
    return [
      {
        partition: record.partition,
        offset: Number(record.offset),
        partitionTime: Number(record.timestamp),
        message: result.message,
      },
    ];
  });
}

/** The same as bytes, for any topic named without the prefix. */
export async function readRaw(env: Readonly<Record<string, string>>, topic: string): Promise<PlacedRecord[]> {
  const connection = connectKafka({ ...logSettingsOf(env), process: "admin", log: silentLog });
  const found: PlacedRecord[] = [];
  const follower = new Follower(connection, topic, async (records, partition) => {
    found.push(...records.map((record) => ({ ...record, partition })));
  });
  await follower.start();
  await follower.stop();
  return found;
}

/** How the processes of a river reach the log. */
export function logSettingsOf(env: Readonly<Record<string, string>>) {
  return {
    brokers: (env["TEKSTREAM_KAFKA_BROKERS"] ?? "").split(","),
    registryUrl: env["TEKSTREAM_REGISTRY_URL"] ?? "",
    prefix: env["TEKSTREAM_PREFIX"] ?? "",
    partitions: 3,
    replication: 1,
  };
}
