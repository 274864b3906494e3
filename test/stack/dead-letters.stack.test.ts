import { randomBytes } from "node:crypto";
import { ConfigResourceTypes, ConfigSource } from "kafkajs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connectKafka, prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { deadLetter } from "../../shared/kafka/dead-letters.js";
import { partitionWriter } from "../../shared/kafka/stream-writer.js";
import { aPlacedKey } from "../../shared/records/a-placed-key.test-support.js";
import { keyRecord, originOf } from "../../shared/records/key-record.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { deadLetterTopic, keysAccepted, keysSubmitted, type AnyStream } from "../../shared/topology.js";
import { aSubmission } from "../hard-places/exactly-once-deployment.js";
import { startCommandLine } from "../river/set-up.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, readRaw, readStream } from "../river/read-topic.js";

// Dead letters as an operator meets them, by the real command line. The letters that can be read again are written by the
// test, in the place of a process that could not: nothing that is rejected today is accepted tomorrow without an update.

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const submittedLetters = deadLetterTopic(keysSubmitted, "key-store");
const acceptedLetters = deadLetterTopic(keysAccepted, "export-window");
const limits = { queueBytesMax: 8_000_000, waitSecondsMax: 10 };
let river: River;
let framing: SchemaFraming;
let connection: KafkaConnection;

interface Listed {
  readonly offset: number;
  readonly reason: string;
  readonly decision: { action: string } | null;
}

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
  ({ framing } = await openLog("admin", logSettingsOf(river.env), quiet));
  connection = connectKafka({ ...logSettingsOf(river.env), process: "admin", log: quiet });
});
afterAll(() => river.stop());

async function write(topic: string, partition: number, value: Buffer, rest: object = {}): Promise<number> {
  const writer = partitionWriter(connection, topic, partition, limits);
  const { offset } = await writer.write({ ...rest, value });
  await writer.stop();
  return offset;
}

/** Writes letters of records that could be read, as if their reader could not; gives the letters' offsets. */
async function writeLetters(
  stream: AnyStream,
  values: readonly Buffer[],
  firstOffset = 900,
): Promise<readonly number[]> {
  const process = stream === keysSubmitted ? "key-store" : "export-window";
  const writer = partitionWriter(connection, deadLetterTopic(stream, process), 0, limits);
  const writes = values.map((value, index) => {
    const headers = { trace: Buffer.from("a header") };
    const at = { timestamp: "1", attributes: 0, offset: String(firstOffset + index) };
    const message = { key: Buffer.from("a key"), value, headers, ...at };
    const letter = deadLetter(stream, process, { partition: 2, message, reason: "unknown_schema" });
    return writer.write({ key: letter.key ?? null, value, headers: letter.headers ?? {} });
  });
  const written = await Promise.all(writes);
  await writer.stop();
  return written.map(({ offset }) => offset);
}

function aSubmittedRecord(): { value: Buffer; tek: string } {
  const tek = randomBytes(16);
  const submission = aSubmission();
  const keys = [{ ...submission.keys?.[0], tek }];
  return {
    value: framing.encode(keysSubmitted, { ...submission, keys }),
    tek: tek.toString("base64"),
  };
}

function dlq(verb: string, ...args: string[]): Promise<string> {
  return river.tekstream("dlq", verb, ...args);
}

async function listed(...args: string[]): Promise<Listed[]> {
  return JSON.parse(await dlq("list", "--json", ...args)) as Listed[];
}

/** What a command says that ends with this exit code. */
async function refusal(code: number, verb: string, ...args: string[]): Promise<string> {
  const error: unknown = await dlq(verb, ...args).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code });
  return (error as { stderr: string }).stderr;
}

async function acceptedTeks(): Promise<string[]> {
  const records = await readStream(river.env, keysAccepted);
  return records.flatMap(({ message }) =>
    message.inserted.map(({ tek }) => Buffer.from(tek ?? []).toString("base64")),
  );
}

async function exportedTimes(tek: string): Promise<number> {
  const exports = await river.reader();
  const read = await eventually("the key in an export", async () => {
    const all = await exports.readNew();
    return all.keys.has(tek) && all;
  });
  return read.keys.get(tek)?.length ?? 0;
}

test("a letter is listed, shown without its keys, and not sent back in as it is", async () => {
  expect(await dlq("list")).toBe("There is no open letter.\n");
  const junk = Buffer.concat([Buffer.from([7]), Buffer.from("keys of a person")]);
  const offset = await write(keysSubmitted.topic, 1, junk, { key: "k" });
  await eventually("the letter", async () => (await listed()).length === 1);
  expect(await dlq("list")).toMatch(new RegExp(`${submittedLetters} +0 +1/${offset} +not_framed .* open`));
  const letter = ["--topic", submittedLetters, "--offset", "0"];
  const shown = await dlq("show", ...letter);
  expect(shown).toContain("it would be rejected again: not_framed");
  expect(shown).not.toContain("person");
  expect(await dlq("show", ...letter, "--value")).toContain("keys of a perso");
  expect(JSON.parse(await dlq("show", ...letter, "--value", "--json"))).toMatchObject({
    reason: "not_framed",
    key: Buffer.from("k").toString("base64"),
    value: junk.toString("base64"),
  });

  expect(await refusal(1, "retry", ...letter)).toContain("it would be rejected again");
  expect(await refusal(1, "show", "--topic", submittedLetters, "--offset", "5")).toContain("no letter 5");
  await dlq("retry", ...letter, "--anyway");
  const again = await eventually("the letter of the record that came back", async () => (await listed())[0]);
  expect(again).toMatchObject({ reason: "not_framed", bytes: junk.length });
  await dlq("drop", "--topic", submittedLetters, "--offset", String(again.offset));
  expect(await refusal(1, "drop", "--topic", submittedLetters, "--offset", String(again.offset))).toContain(
    "dropped before",
  );
  expect(await listed()).toEqual([]);
  expect((await listed("--all")).map(({ decision }) => decision?.action)).toEqual(["retried", "dropped"]);
});

test("a submission that is sent back in is stored and exported once, also when it is sent back twice", async () => {
  const { value, tek } = aSubmittedRecord();
  const [offset] = await writeLetters(keysSubmitted, [value]);
  const letter = ["--topic", submittedLetters, "--offset", String(offset)];
  await dlq("retry", ...letter);
  expect(await exportedTimes(tek)).toBe(1);
  expect(await refusal(1, "retry", ...letter)).toContain("--again");
  await dlq("retry", ...letter, "--again");
  await dlq("retry", ...letter, "--again");
  const records = (await readRaw(river.env, keysSubmitted.topic)).filter((record) =>
    record.value?.equals(value),
  );
  expect(records).toHaveLength(3);
  for (const { key, headers } of records) {
    expect(String(key)).toBe("a key");
    expect(Object.keys(headers ?? {})).toEqual(["trace"]);
  }
  // Behind it in the same partition, so that all three have been decided.
  const behind = aSubmittedRecord();
  await write(keysSubmitted.topic, 2, behind.value);
  expect(await exportedTimes(behind.tek)).toBe(1);
  expect((await acceptedTeks()).filter((other) => other === tek)).toHaveLength(1);
  expect(await exportedTimes(tek)).toBe(1);
});

test("a record of decided keys is sent back in once, and only by one who knows that it was not exported", async () => {
  const rollingStartIntervalNumber = aSubmission().keys?.[0]?.rollingStartIntervalNumber ?? 0;
  const key = aPlacedKey({ tek: randomBytes(16), rollingStartIntervalNumber });
  const record = { origins: [originOf(key)], inserted: [keyRecord(key, 0, undefined, false)] };
  const value = framing.encode(keysAccepted, record);
  const [first] = await writeLetters(keysAccepted, [value]);
  const [second] = await writeLetters(keysAccepted, [value]);
  const letter = ["--topic", acceptedLetters, "--offset", String(first)];
  const twin = ["--topic", acceptedLetters, "--offset", String(second)];
  expect(await refusal(1, "retry", ...letter)).toContain("--not-exported");
  await dlq("retry", ...letter, "--not-exported");
  expect(await exportedTimes(key.tek.toString("base64"))).toBe(1);
  for (const other of [letter, twin])
    expect(await refusal(1, "retry", ...other, "--not-exported", "--again")).toContain("leave twice");
  await dlq("drop", ...twin);
});

test("sending many back in, killed in the middle twice and repeated, sends each once", async () => {
  const count = 100;
  const sent = Array.from({ length: count }, () => aSubmittedRecord());
  await writeLetters(
    keysSubmitted,
    sent.map(({ value }) => value),
    1000,
  );
  const all = ["dlq", "retry", "--topic", submittedLetters, "--all", "--reason", "unknown_schema"];
  const timesIn = async (): Promise<number[]> => {
    const records = await readRaw(river.env, keysSubmitted.topic);
    return sent.map(({ value }) => records.filter((record) => record.value?.equals(value)).length);
  };
  const sentBack = async (): Promise<number> => (await timesIn()).filter((times) => times > 0).length;
  for (let kills = 0; kills < 2; kills++) {
    const before = await sentBack();
    const started = startCommandLine(river.env, all);
    await eventually("some more of them", async () => (await sentBack()) > before);
    started.kill("SIGKILL");
  }
  expect(await sentBack()).toBeLessThan(count);
  await river.tekstream(...all);
  expect(await timesIn()).toEqual(sent.map(() => 1));
  expect(await listed("--topic", submittedLetters)).toEqual([]);
});

test("all open letters of a topic are dropped at once, by one who means it", async () => {
  const values = Array.from({ length: 3 }, () => aSubmittedRecord().value);
  await writeLetters(keysSubmitted, values, 2000);
  const all = ["--topic", submittedLetters, "--all"];
  expect(await refusal(2, "drop", ...all)).toContain("--yes");
  expect(await listed("--limit", "2")).toHaveLength(2);
  await dlq("drop", ...all, "--yes");
  expect(await listed()).toEqual([]);
});

test("while letters can't be written processes wait, and then each letter is there once", async () => {
  const before = await Promise.all([acceptedLetters, submittedLetters].map(countOf));
  for (const topic of [acceptedLetters, submittedLetters]) await setRecordBytesMax(topic, 100);
  const junk = Buffer.concat([Buffer.from([7]), randomBytes(8)]);
  for (const partition of [0, 1, 2]) await write(keysAccepted.topic, partition, junk);
  await write(keysSubmitted.topic, 0, junk);
  const behind = aSubmittedRecord();
  await write(keysSubmitted.topic, 0, behind.value);
  await new Promise((resolve) => setTimeout(resolve, 6000));
  expect(await Promise.all([acceptedLetters, submittedLetters].map(countOf))).toEqual(before);
  for (const topic of [acceptedLetters, submittedLetters]) await setRecordBytesMax(topic, 2_097_152);
  expect(await exportedTimes(behind.tek)).toBe(1);
  const after = [(before[0] ?? 0) + 3, (before[1] ?? 0) + 1];
  await eventually(
    "the letters",
    async () => (await countOf(acceptedLetters)) >= (after[0] ?? 0) || undefined,
  );
  for (const name of ["key-store", "export-window"]) expect(river.process(name).exitCode).toBeNull();

  expect(await Promise.all([acceptedLetters, submittedLetters].map(countOf))).toEqual(after);
});

test("a process that reads again what is behind the last tick writes no letter again", async () => {
  await river.process("clock").signal("SIGSTOP");
  const poison = async (): Promise<void> => {
    const count = await countOf(acceptedLetters);
    for (const partition of [0, 1, 2]) await write(keysAccepted.topic, partition, randomBytes(8));
    await eventually("three more letters", async () => (await countOf(acceptedLetters)) >= count + 3);
    expect(await countOf(acceptedLetters)).toBe(count + 3);
  };
  await poison();
  await river.process("export-window").signal("SIGKILL");
  river.process("export-window").start();
  // Each partition is read in order: by then the earlier ones have been met again.
  await poison();
  await river.process("clock").signal("SIGCONT");
});

async function countOf(topic: string): Promise<number> {
  return (await readRaw(river.env, topic)).length;
}

/**
 * With 100 bytes the broker refuses every letter, but not the markers of transactions. Setting one entry resets the
 * others, so that all are given.
 */
async function setRecordBytesMax(topic: string, bytes: number): Promise<void> {
  const admin = connection.kafka.admin();
  await admin.connect();
  const resource = { type: ConfigResourceTypes.TOPIC, name: prefixed(connection, topic) };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const own = (resources[0]?.configEntries ?? []).filter(
    ({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG,
  );
  const entries = own.map(({ configName, configValue }) => ({ name: configName, value: configValue }));
  const others = entries.filter(({ name }) => name !== "max.message.bytes");
  const configEntries = [...others, { name: "max.message.bytes", value: String(bytes) }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  await admin.disconnect();
}
