import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aPlacedKey } from "../../shared/records/a-placed-key.test-support.js";
import { keyRecord, originOf } from "../../shared/records/key-record.js";
import { keysAccepted, keysSubmitted } from "../../shared/topology.js";
import { aSubmission } from "../hard-places/exactly-once-deployment.js";
import { startCommandLine } from "../river/set-up.js";
import { eventually } from "../river/eventually.js";
import { readRaw } from "../river/read-topic.js";
import { acceptedLetters, DeadLetterScene, submittedLetters } from "./dead-letter-scene.js";

let scene: DeadLetterScene;

beforeAll(async () => {
  scene = await DeadLetterScene.open(inject("endpoints"));
});
afterAll(() => scene.river.stop());

test("a submission that is sent back in is stored and exported once, also when it is sent back twice", async () => {
  const { value, tek } = scene.aSubmittedRecord();
  const [offset] = await scene.writeLetters(keysSubmitted, [value]);
  const letter = ["--topic", submittedLetters, "--offset", String(offset)];
  await scene.dlq("retry", ...letter);
  expect(await scene.exportedTimes(tek)).toBe(1);
  expect(await scene.refusal(1, "retry", ...letter)).toContain("--again");
  await scene.dlq("retry", ...letter, "--again");
  await scene.dlq("retry", ...letter, "--again");
  const records = (await readRaw(scene.river.env, keysSubmitted.topic)).filter((record) =>
    record.value?.equals(value),
  );
  expect(records).toHaveLength(3);
  for (const { key, headers } of records) {
    expect(String(key)).toBe("a key");
    expect(Object.keys(headers ?? {})).toEqual(["trace"]);
  }
  // Behind it in the same partition, so that all three have been decided.
  const behind = scene.aSubmittedRecord();
  await scene.write(keysSubmitted.topic, 2, behind.value);
  expect(await scene.exportedTimes(behind.tek)).toBe(1);
  expect((await scene.acceptedTeks()).filter((other) => other === tek)).toHaveLength(1);
  expect(await scene.exportedTimes(tek)).toBe(1);
});

test("a record of decided keys is sent back in once, and only by one who knows that it was not exported", async () => {
  const rollingStartIntervalNumber = aSubmission().keys?.[0]?.rollingStartIntervalNumber ?? 0;
  const key = aPlacedKey({ tek: randomBytes(16), rollingStartIntervalNumber });
  const record = { origins: [originOf(key)], inserted: [keyRecord(key, 0, false)] };
  const value = scene.framing.encode(keysAccepted, record);
  const [first] = await scene.writeLetters(keysAccepted, [value]);
  const [second] = await scene.writeLetters(keysAccepted, [value]);
  const letter = ["--topic", acceptedLetters, "--offset", String(first)];
  const twin = ["--topic", acceptedLetters, "--offset", String(second)];
  expect(await scene.refusal(1, "retry", ...letter)).toContain("--not-exported");
  await scene.dlq("retry", ...letter, "--not-exported");
  expect(await scene.exportedTimes(key.tek.toString("base64"))).toBe(1);
  for (const other of [letter, twin])
    expect(await scene.refusal(1, "retry", ...other, "--not-exported", "--again")).toContain("leave twice");
  await scene.dlq("drop", ...twin);
});

test("sending many back in, killed in the middle twice and repeated, sends each once", async () => {
  const count = 100;
  const sent = Array.from({ length: count }, () => scene.aSubmittedRecord());
  await scene.writeLetters(
    keysSubmitted,
    sent.map(({ value }) => value),
    1000,
  );
  const all = ["dlq", "retry", "--topic", submittedLetters, "--all", "--reason", "unknown_schema"];
  const timesIn = async (): Promise<number[]> => {
    const records = await readRaw(scene.river.env, keysSubmitted.topic);
    return sent.map(({ value }) => records.filter((record) => record.value?.equals(value)).length);
  };
  const sentBack = async (): Promise<number> => (await timesIn()).filter((times) => times > 0).length;
  for (let kills = 0; kills < 2; kills++) {
    const before = await sentBack();
    const started = startCommandLine(scene.river.env, all);
    await eventually("some more of them", async () => (await sentBack()) > before);
    started.kill("SIGKILL");
  }
  expect(await sentBack()).toBeLessThan(count);
  await scene.river.tekstream(...all);
  expect(await timesIn()).toEqual(sent.map(() => 1));
  expect(await scene.listed("--topic", submittedLetters)).toEqual([]);
});

test("while letters can't be written processes wait, and then each letter is there once", async () => {
  const before = await Promise.all([acceptedLetters, submittedLetters].map((topic) => scene.countOf(topic)));
  for (const topic of [acceptedLetters, submittedLetters]) await scene.setRecordBytesMax(topic, 100);
  const junk = Buffer.concat([Buffer.from([7]), randomBytes(8)]);
  for (const partition of [0, 1, 2]) await scene.write(keysAccepted.topic, partition, junk);
  await scene.write(keysSubmitted.topic, 0, junk);
  const behind = scene.aSubmittedRecord();
  await scene.write(keysSubmitted.topic, 0, behind.value);
  await new Promise((resolve) => setTimeout(resolve, 6000));
  expect(await Promise.all([acceptedLetters, submittedLetters].map((topic) => scene.countOf(topic)))).toEqual(
    before,
  );
  for (const topic of [acceptedLetters, submittedLetters]) await scene.setRecordBytesMax(topic, 2_097_152);
  expect(await scene.exportedTimes(behind.tek)).toBe(1);
  const after = [(before[0] ?? 0) + 3, (before[1] ?? 0) + 1];
  await eventually(
    "the letters",
    async () => (await scene.countOf(acceptedLetters)) >= (after[0] ?? 0) || undefined,
  );
  for (const name of ["key-store", "export-window"]) expect(scene.river.process(name).exitCode).toBeNull();

  expect(await Promise.all([acceptedLetters, submittedLetters].map((topic) => scene.countOf(topic)))).toEqual(
    after,
  );
});

test("a process that reads again what is behind the last tick writes no letter again", async () => {
  await scene.river.process("clock").signal("SIGSTOP");
  const poison = async (): Promise<void> => {
    const count = await scene.countOf(acceptedLetters);
    for (const partition of [0, 1, 2]) await scene.write(keysAccepted.topic, partition, randomBytes(8));
    await eventually("three more letters", async () => (await scene.countOf(acceptedLetters)) >= count + 3);
    expect(await scene.countOf(acceptedLetters)).toBe(count + 3);
  };
  await poison();
  await scene.river.process("export-window").signal("SIGKILL");
  scene.river.process("export-window").start();
  // Each partition is read in order: by then the earlier ones have been met again.
  await poison();
  await scene.river.process("clock").signal("SIGCONT");
});
