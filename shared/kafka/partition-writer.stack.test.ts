import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, inject, test } from "vitest";
import { aConnection, aTopic } from "../../test/hard-places/a-topic.js";
import { apiKeys, faultySockets, inTurn, type Decide } from "../../test/hard-places/faulty-sockets.js";
import { plainProducer } from "../../test/hard-places/plain-kafkajs.js";
import { readCommitted } from "../../test/hard-places/read-committed.js";
import { Unavailable } from "../process/outcomes.js";
import { Overloaded, type PartitionWriter, type WrittenRecord } from "./partition-writer.js";
import { partitionWriter } from "./stream-writer.js";

// For each way in which kafkajs loses what it has acknowledged: plain kafkajs first, which shows the loss, then the
// writer. The faults hit the client's own sockets.

const { brokers } = inject("endpoints").kafka;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A new topic of one partition; `texts` reads what is in it. */
async function aLog(recordBytesMax = 1_048_576): Promise<{
  prefix: string;
  topic: string;
  texts: () => Promise<string[]>;
}> {
  const connection = aConnection(brokers);
  const topic = await aTopic(connection, "t", { recordBytesMax });
  const texts = async (): Promise<string[]> =>
    (await readCommitted(connection, topic)).map(({ value }) => value.toString());
  return { prefix: connection.prefix, topic, texts };
}

/** A sender of single texts by plain kafkajs that gives each one's offset. */
async function plainSender(topic: string, decide: Decide, retries: number) {
  const producer = await plainProducer(brokers, { socketFactory: faultySockets(decide), retries });
  stops.push(() => producer.disconnect());
  return async (...texts: string[]): Promise<number> => {
    const messages = texts.map((value) => ({ value, partition: 0 }));
    const [result] = await producer.send({ topic, acks: -1, messages });
    return Number(result?.baseOffset);
  };
}

function aWriter(prefix: string, decide: Decide, limits = {}): PartitionWriter {
  const connection = aConnection(brokers, { prefix, socketFactory: faultySockets(decide) });
  return partitionWriter(connection, "t", 0, { queueBytesMax: 8_000_000, waitSecondsMax: 60, ...limits });
}

const record = (text: string) => ({ value: Buffer.from(text) });
const offsetOf = ({ offset }: WrittenRecord): number => offset;
/** The writer takes a record out of its queue in the turn in which it comes. */
const taken = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe("sends that overlap on one idempotent producer, while the connection breaks", () => {
  test("plain kafkajs acknowledges a record that is in no log, and writes another twice", async () => {
    const { topic, texts } = await aLog();
    const send = await plainSender(topic, inTurn(apiKeys.produce, ["cut after"]), 5);
    const acknowledged = await Promise.allSettled([send("first"), send("second")]);
    expect(acknowledged.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    const [written, again, ...rest] = await texts();
    expect(["first", "second"]).toContain(written);
    expect([again, ...rest]).toEqual([written]);
  });

  test("the writer has each acknowledged record at its offset, and none twice", async () => {
    const { prefix, texts } = await aLog();
    const faults = [undefined, "cut after", "cut before", undefined, "cut after"] as const;
    const writer = aWriter(prefix, inTurn(apiKeys.produce, [...faults, ...faults, ...faults]));
    stops.push(() => writer.stop());
    const asked: { text: string; offset: Promise<number> }[] = [];
    for (let index = 0; index < 40; index += 1) {
      asked.push({ text: `record ${index}`, offset: writer.write(record(`record ${index}`)).then(offsetOf) });
      await taken();
    }
    const offsets = await Promise.all(asked.map(({ offset }) => offset));
    const written = await texts();
    expect(offsets.map((offset) => written[offset])).toEqual(asked.map(({ text }) => text));
    expect(written).toHaveLength(asked.length);
  });
});

test("a record is told with the time at which the log took it, even where the answer had to be asked for twice", async () => {
  const { prefix, topic } = await aLog();
  const writer = aWriter(prefix, inTurn(apiKeys.produce, [undefined, "cut after"]));
  stops.push(() => writer.stop());
  const told = [await writer.write(record("a")), await writer.write(record("b"))];
  const read = await readCommitted(aConnection(brokers, { prefix }), topic);
  expect(told.map(({ timestamp }) => timestamp)).toEqual(read.map(({ timestamp }) => timestamp));
  expect(Number(told[0]?.timestamp)).toBeGreaterThan(0);
});

describe("a send that is rejected after its last retry, then another of as many records", () => {
  test("plain kafkajs acknowledges the second with the offset of the first, and loses it", async () => {
    const { topic, texts } = await aLog();
    const send = await plainSender(topic, inTurn(apiKeys.produce, ["cut after", "cut after"]), 1);
    await expect(send("first a", "first b")).rejects.toThrow("cut by the test");
    expect(await send("second a", "second b")).toBe(0);
    expect(await texts()).toEqual(["first a", "first b"]);
  });

  test("the writer tells the first as unknown and has the second in the log", async () => {
    const { prefix, texts } = await aLog();
    // Seven: the first attempt and all retries of a send.
    const faults = Array.from({ length: 7 }, () => "cut after" as const);
    const writer = aWriter(prefix, inTurn(apiKeys.produce, faults));
    stops.push(() => writer.stop());
    const rejected = await writer.write(record("first")).catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(Unavailable);
    expect(rejected).not.toBeInstanceOf(Overloaded);
    const { offset } = await writer.write(record("second"));
    const written = await texts();
    expect(written[offset]).toBe("second");
    expect(written).toEqual(["first", "second"]);
  });
});

describe("a record that is larger than its topic takes, among others", () => {
  const tooLarge = "x".repeat(1_048_577);

  test("plain kafkajs fails the whole batch, and would for ever", async () => {
    const { topic, texts } = await aLog();
    const send = await plainSender(topic, () => undefined, 1);
    await expect(send("before", tooLarge, "behind")).rejects.toThrow(/larger than the max message size/);
    expect(await texts()).toEqual([]);
  });

  test("the writer refuses it alone, before it is sent", async () => {
    const { prefix, texts } = await aLog();
    const writer = aWriter(prefix, () => undefined);
    stops.push(() => writer.stop());
    const outcomes = await Promise.allSettled(
      ["before", tooLarge, "behind"].map((text) => writer.write(record(text))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(RangeError) as unknown });
    expect(await texts()).toEqual(["before", "behind"]);
  });

  test("records that fit singly but not together go in several sends", async () => {
    const { prefix, texts } = await aLog();
    const writer = aWriter(prefix, () => undefined);
    stops.push(() => writer.stop());
    const large = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(400_000));
    const written = await Promise.all(large.map((text) => writer.write(record(text))));
    expect(written.map(offsetOf)).toEqual([0, 1, 2, 3, 4]);
    expect(await texts()).toEqual(large);
  });
});

describe("a broker that stands still", () => {
  /** Holds all sends back until `release`. */
  function aStall(): { decide: Decide; release: () => void } {
    let release = (): void => undefined;
    const held = new Promise<undefined>((resolve) => {
      release = () => {
        resolve(undefined);
      };
    });
    const decide: Decide = ({ apiKey }) => (apiKey === apiKeys.produce ? held : undefined);
    return { decide, release };
  }

  test("a full queue refuses at once, whatever comes, and holds no more than its bytes", async () => {
    const { prefix, texts } = await aLog();
    const { decide, release } = aStall();
    const writer = aWriter(prefix, decide, { queueBytesMax: 100_000 });
    stops.push(() => writer.stop());
    const inFlight = writer.write(record("in flight"));
    await taken();
    const refused: unknown[] = [];
    const outcomes = Array.from({ length: 1000 }, () =>
      writer.write(record("x".repeat(1000))).catch((error: unknown) => refused.push(error)),
    );
    // At once: before anything else gets its turn.
    await setImmediate();
    expect(refused).toHaveLength(907);
    expect(refused.every((error) => error instanceof Overloaded)).toBe(true);
    release();
    await inFlight;
    const queued = (await Promise.all(outcomes.slice(0, 93))) as WrittenRecord[];
    expect(queued.map(offsetOf)).toEqual(queued.map((_, index) => index + 1));
    expect(await texts()).toHaveLength(94);
  });

  test("a record that waited too long is refused while the broker still stands, and never sent", async () => {
    const { prefix, texts } = await aLog();
    const { decide, release } = aStall();
    const writer = aWriter(prefix, decide, { waitSecondsMax: 0.2 });
    stops.push(() => writer.stop());
    const inFlight = writer.write(record("in flight"));
    await taken();
    const late = writer.write(record("late")).catch((error: unknown) => error);
    expect(await late).toBeInstanceOf(Overloaded);
    release();
    await inFlight;
    expect(await texts()).toEqual(["in flight"]);
  });
});
