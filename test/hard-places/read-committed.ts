import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../../shared/kafka/connect.js";

/** A record as readers of committed records see it. */
export interface CommittedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer;
  /** As the log has it, in milliseconds. */
  readonly timestamp: string;
}

const endMark = "tekstream-test-end";

/**
 * Everything that is committed in a topic (full name), in order within a partition. A mark is written to the end of
 * each partition first, and nothing behind an open transaction can be read: so this waits for those to end.
 */
export async function readCommitted(connection: KafkaConnection, topic: string): Promise<CommittedRecord[]> {
  const mark = randomUUID();
  const open = new Set(await markEnds(connection, topic, mark));
  const records: CommittedRecord[] = [];
  const consumer = connection.kafka.consumer({
    groupId: `${topic}.${mark}`,
    maxWaitTimeInMs: 100,
    readUncommitted: false,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      reject(payload.error);
    });
    const eachMessage = async ({
      partition,
      message,
    }: {
      partition: number;
      message: { value: Buffer | null; offset: string; timestamp: string; headers?: object };
    }): Promise<void> => {
      const found = (message.headers as Record<string, Buffer> | undefined)?.[endMark]?.toString();
      if (found === mark) open.delete(partition);
      else if (found === undefined && message.value !== null) {
        const { offset, value, timestamp } = message;
        records.push({ partition, offset: Number(offset), value, timestamp });
      }
      if (open.size === 0) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return records;
}

async function markEnds(connection: KafkaConnection, topic: string, mark: string): Promise<number[]> {
  const admin = connection.kafka.admin();
  await admin.connect();
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.disconnect();
  const partitions = (metadata.topics[0]?.partitions ?? []).map(({ partitionId }) => partitionId);
  const producer = connection.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const messages = partitions.map((partition) => ({ partition, value: null, headers: { [endMark]: mark } }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
  return partitions;
}
