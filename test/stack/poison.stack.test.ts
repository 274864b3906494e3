import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connectKafka } from "../../shared/kafka/connect.js";
import { partitionWriter } from "../../shared/kafka/stream-writer.js";
import { deadLetterTopic, keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import { aPhone, publish } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, readRaw } from "../river/read-topic.js";

const nowSeconds = Math.floor(Date.now() / 1000);
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const limits = { queueBytesMax: 8_000_000, waitSecondsMax: 10 };
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
});
afterAll(() => river.stop());

test.each([
  [keysSubmitted, "key-store"],
  [keysAccepted, "export-window"],
  [keysEmbargoed, "export-window"],
] as const)(
  "junk in $topic goes to the dead letters byte for byte, and what follows it goes on",
  async (stream, reader) => {
    const junk = randomBytes(100);
    junk[0] = 7;
    const connection = connectKafka({ ...logSettingsOf(river.env), process: "admin", log: quiet });
    for (const partition of [0, 1, 2]) {
      const writer = partitionWriter(connection, stream.topic, partition, limits);
      await writer.write({ value: junk });
      await writer.stop();
    }
    const letters = await eventually("three dead letters", async () => {
      const found = await readRaw(river.env, deadLetterTopic(stream, reader));
      return found.length >= 3 && found;
    });
    for (const letter of letters) {
      expect(letter.value?.equals(junk)).toBe(true);
      expect(String(letter.headers?.["tekstream-reason"])).toBe("not_framed");
      expect(String(letter.headers?.["tekstream-topic"])).toBe(stream.topic);
    }
    const phone = aPhone({ nowSeconds });
    const client = publishClient({ urls: river.apiUrls });
    await publish(phone, client, {
      authority: river.authority,
      healthAuthorityID: river.appName,
      nowSeconds,
    });
    client.close();
    const exports = await river.reader();
    await eventually("the key behind the junk", async () =>
      (await exports.readNew()).keys.has(phone.keys[0]?.key ?? ""),
    );
  },
);
