import { expect, test } from "vitest";
import type { Producer, RecordMetadata } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
import { PartitionWriter } from "./partition-writer.js";

// A retry inside the client can resolve without having sent to the partition: what the answer names decides.

const answer = { topicName: "t", partition: 1, errorCode: 0, baseOffset: "7", logAppendTime: "1800" };

function writerThatHears(...answers: readonly RecordMetadata[][]): {
  writer: PartitionWriter;
  connected: () => number;
} {
  const left = [...answers];
  let connected = 0;
  const connectProducer = async (): Promise<Producer> => {
    connected += 1;
    const send = async (): Promise<RecordMetadata[]> => left.shift() ?? [];
    return { send, disconnect: async () => undefined } as unknown as Producer;
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const limits = { queueBytesMax: 1000, batchBytesMax: 1000, waitSecondsMax: 50 };
  return {
    writer: new PartitionWriter({ topic: "t", partition: 1, connectProducer, log, ...limits }),
    connected: () => connected,
  };
}

test.each<[what: string, answers: RecordMetadata[]]>([
  ["nothing at all", []],
  ["another partition", [{ ...answer, partition: 0 }]],
  ["another topic", [{ ...answer, topicName: "other" }]],
  ["another partition besides", [answer, { ...answer, partition: 0 }]],
  ["an error", [{ ...answer, errorCode: 7 }]],
  ["no offset", [{ ...answer, baseOffset: "-1" }]],
])(
  "an answer that names %s leaves the record unknown, and the producer is not used again",
  async (_, given) => {
    const { writer, connected } = writerThatHears(given, [answer]);
    await expect(writer.write({ value: Buffer.from("a") })).rejects.toBeInstanceOf(Unavailable);
    await expect(writer.write({ value: Buffer.from("b") })).resolves.toEqual({
      partition: 1,
      offset: 7,
      timestamp: "1800",
    });
    expect(connected()).toBe(2);
  },
);

test("records of one send are counted on from the offset that the answer names", async () => {
  const { writer, connected } = writerThatHears([answer]);
  const written = await Promise.all(
    ["a", "b", "c"].map((text) => writer.write({ value: Buffer.from(text) })),
  );
  expect(written.map(({ offset }) => offset)).toEqual([7, 8, 9]);
  expect(connected()).toBe(1);
});
