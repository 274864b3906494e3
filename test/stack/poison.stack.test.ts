import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connectKafka } from "../../shared/kafka/connect.js";
import { readDeadLetter } from "../../shared/kafka/dead-letters.js";
import { partitionWriter } from "../../shared/kafka/stream-writer.js";
import { aPlacedKey } from "../../shared/records/a-placed-key.test-support.js";
import { keyRecord, originOf } from "../../shared/records/key-record.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import {
  configChanged,
  deadLetterTopic,
  keysAccepted,
  keysEmbargoed,
  keysSubmitted,
  type AnyStream,
} from "../../shared/topology.js";
import { aSubmission } from "../hard-places/exactly-once-deployment.js";
import { aPhone, publish } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, readRaw } from "../river/read-topic.js";
import { poisonsFor } from "./poison-kinds.js";

const nowSeconds = Math.floor(Date.now() / 1000);
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const limits = { queueBytesMax: 20_000_000, batchBytesMax: 1_048_576, waitSecondsMax: 10 };
let river: River;
let framing: SchemaFraming;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
  ({ framing } = await openLog("admin", logSettingsOf(river.env), quiet));
});
afterAll(() => river.stop());

function writerTo(topic: string, partition: number): ReturnType<typeof partitionWriter> {
  const connection = connectKafka({ ...logSettingsOf(river.env), process: "admin", log: quiet });
  return partitionWriter(connection, topic, partition, limits);
}

/** A record that one key comes out of, and that key. */
function aGoodRecord(stream: AnyStream): { value: Buffer; tek: string } {
  const tek = randomBytes(16);
  const submission = aSubmission();
  const [sent] = submission.keys ?? [];
  if (stream === keysSubmitted)
    return {
      value: framing.encode(keysSubmitted, { ...submission, keys: [{ ...sent, tek }] }),
      tek: tek.toString("base64"),
    };
  const rollingStartIntervalNumber = sent?.rollingStartIntervalNumber ?? 0;
  const release = stream === keysEmbargoed ? { releaseSeconds: nowSeconds - 60 } : {};
  const key = aPlacedKey({ tek, rollingStartIntervalNumber, ...release });
  const record = { origins: [originOf(key)], inserted: [keyRecord(key, 0, false)] };
  return { value: framing.encode(keysAccepted, record), tek: tek.toString("base64") };
}

async function exported(teks: readonly string[]): Promise<void> {
  const exports = await river.reader();
  const read = await eventually("the keys in exports", async () => {
    const all = await exports.readNew();
    return teks.every((tek) => all.keys.has(tek)) && all;
  });
  for (const tek of teks) expect(read.keys.get(tek)).toHaveLength(1);
  expect(read.problems).toEqual([]);
}

test.each([
  [keysSubmitted, "key-store"],
  [keysAccepted, "export-window"],
  [keysEmbargoed, "export-window"],
] as const)(
  "poison of every kind between good records of $topic becomes letters, and what is around it goes on",
  async (stream, reader) => {
    const poisons = poisonsFor(stream, framing);
    const [before, behind] = [aGoodRecord(stream), aGoodRecord(stream)];
    const writer = writerTo(stream.topic, 1);
    await writer.write({ value: before.value });
    const written: number[] = [];
    for (const { kind, value } of poisons) {
      const record = { key: Buffer.from(kind), value, headers: { "tekstream-topic": "mine", trace: kind } };
      written.push((await writer.write(record)).offset);
    }
    await writer.write({ value: behind.value });
    await writer.stop();

    const found = await eventually("a letter for each", async () => {
      const read = await readRaw(river.env, deadLetterTopic(stream, reader));
      return read.length >= poisons.length && read;
    });
    expect(found).toHaveLength(poisons.length);
    for (const [index, { kind, value, reason }] of poisons.entries()) {
      const letter = found[index] && readDeadLetter(found[index]);
      expect(letter).toMatchObject({ reason, topic: stream.topic, partition: 1, offset: written[index] });
      expect(String(letter?.record.key)).toBe(kind);
      expect(letter?.record.value?.equals(value ?? Buffer.alloc(0)) ?? null).toBe(
        value === null ? null : true,
      );
      const headers = Object.entries(letter?.record.headers ?? {}).map(([name, text]) => [
        name,
        String(text),
      ]);
      expect(Object.fromEntries(headers)).toEqual({ "tekstream-topic": "mine", trace: kind });
    }
    await exported([before.tek, behind.tek]);
  },
);

test("rejected records are counted by reason, and no log line holds what is in them", async () => {
  const metricsOf = async (name: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${river.process(name).port}/metrics`)).text();
  // At least once: a slice that did not go through is decided again.
  expect(await metricsOf("key-store")).toMatch(/key_store_rejected_records_total\{reason="no_keys"\} [1-9]/);
  expect(await metricsOf("export-window")).toMatch(
    /export_window_rejected_records_total\{topic="\S+",reason="bad_tek"\} [1-9]/,
  );
  const log = readFileSync(river.process("export-window").logFile, "utf8");
  const lines = log.split("\n").filter((line) => line.includes("record rejected"));
  const fields = ["level", "time", "process", "topic", "partition", "offset", "reason", "msg"];
  for (const line of lines) expect(Object.keys(JSON.parse(line) as object)).toEqual(fields);
  expect(lines.length).toBeGreaterThan(10);
});

test("poison between two changes of the configuration is left out and reported, and the changes count", async () => {
  const app = ["--region", "US", "--health-authority", "doh"];
  await river.tekstream("app", "create", "--name", "gov.example.before", ...app);
  const junk = poisonsFor(keysAccepted, framing).filter(({ kind }) => /framed|unknown|cut|empty/.test(kind));
  const other = framing.encode(configChanged, { authorizedApp: { name: "x" } });
  const revisionKey = { id: "1", createdAtSeconds: nowSeconds + 9, wrappedKey: randomBytes(60) };
  const versions = [{ version: 1, periodSeconds: 7, recordsPerFileMax: 9, outputRegion: "US" }];
  const poisons: [key: string, value: Buffer | null][] = [
    // In the place of a real entity, which must stay.
    ...junk.map(({ value }): [string, Buffer | null] => ["authorized-app/gov.example.app", value]),
    ["authorized-app/gov.example.app", framing.encode(keysSubmitted, {})],
    ["signing-key/us-1", other],
    ["planet/mars", other],
    ["", other],
    ["revision-key/1", framing.encode(configChanged, { revisionKey })],
    [
      "export-configuration/us",
      framing.encode(configChanged, { exportConfiguration: { id: "us", versions } }),
    ],
  ];
  const writer = writerTo(configChanged.topic, 0);
  for (const [key, value] of poisons) await writer.write({ key, value });
  await expect(writer.write({ key: null, value: other })).rejects.toThrow("unknown");
  await writer.stop();
  await river.tekstream("app", "create", "--name", "gov.example.behind", ...app);

  const shown = JSON.parse(await river.tekstream("config", "show", "--json")) as {
    apps: { name: string }[];
  };
  const names = ["gov.example.app", "gov.example.before", "gov.example.behind"];
  expect(shown.apps.map(({ name }) => name)).toEqual(names);
  for (const name of ["gateway", "clock", "export-window"]) {
    const isReported = async (): Promise<boolean> => {
      const log = readFileSync(river.process(name).logFile, "utf8");
      return log.split("is left out").length - 1 >= poisons.length - (name === "gateway" ? 0 : 1);
    };
    await eventually(`${name} to report what it left out`, isReported);
  }
  const phone = aPhone({ nowSeconds });
  const client = publishClient({ urls: river.apiUrls });
  const options = { authority: river.authority, healthAuthorityID: "gov.example.behind", nowSeconds };
  await eventually("the app behind the poison to be known", async () => {
    const { status } = await publish(phone, client, options);
    return status === 200;
  });
  client.close();
  await exported([phone.keys[0]?.key ?? ""]);
  expect(["gateway", "clock", "export-window"].map((name) => river.process(name).exitCode)).toEqual([
    null,
    null,
    null,
  ]);
});

test("processes that start on such a configuration work", async () => {
  await Promise.all(
    (["gateway", "clock", "export-window"] as const).map(async (name) => {
      const started = await river.add(name, `${name}-2`);
      await started.ready();
    }),
  );
});
