import * as fc from "fast-check";
import type { IHeaders, KafkaMessage } from "kafkajs";
import { expect, test } from "vitest";
import { deadLetterTopic, keysSubmitted } from "../topology.js";
import { deadLetter, readDeadLetter } from "./dead-letters.js";

type Changes = Partial<Pick<KafkaMessage, "key" | "value" | "offset">> & { headers?: IHeaders };

function aRecord(changes: Changes = {}): KafkaMessage {
  return { key: null, value: null, timestamp: "1", attributes: 0, offset: "41", headers: {}, ...changes };
}

/** The letter as a reader gets it: header values are bytes then. */
function asRead(message: KafkaMessage): KafkaMessage {
  const source = { partition: 2, message, reason: "malformed" };
  const { key = null, values, headers } = deadLetter(keysSubmitted, "key-store", source);
  const asBytes = Object.entries(headers ?? {}).map(([name, value]) => [
    name,
    typeof value === "string" ? Buffer.from(value) : value,
  ]);
  const read: IHeaders = Object.fromEntries(asBytes);
  return aRecord({ key, value: values[0] ?? null, headers: read, offset: "0" });
}

test("a letter tells where the record was and why it was rejected", () => {
  const { topic, partition } = deadLetter(keysSubmitted, "key-store", {
    partition: 2,
    message: aRecord(),
    reason: "malformed",
  });
  expect({ topic, partition }).toEqual({ topic: deadLetterTopic(keysSubmitted, "key-store"), partition: 0 });
  expect(readDeadLetter(asRead(aRecord()))).toMatchObject({
    reason: "malformed",
    topic: keysSubmitted.topic,
    partition: 2,
    offset: 41,
  });
});

test("a header without a value has an empty one in the letter: the client can't write it otherwise", () => {
  const headers = { a: null, b: [Buffer.from("1"), null] } as unknown as IHeaders;
  const letter = deadLetter(keysSubmitted, "key-store", {
    partition: 2,
    message: aRecord({ headers }),
    reason: "malformed",
  });
  expect(letter.headers).toMatchObject({ a: "", b: [Buffer.from("1"), ""] });
});

test("whatever key, value and headers a record has, its letter gives them back byte for byte", () => {
  const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 5 }).filter((text) => text !== "__proto__"),
    fc.constantFrom(
      "tekstream-reason",
      "tekstream-offset",
      "~tekstream-topic",
      "~~tekstream-x",
      "tekstream-",
    ),
  );
  fc.assert(
    fc.property(
      fc.option(bytes),
      fc.option(bytes),
      fc.dictionary(name, fc.oneof(bytes, fc.array(bytes, { minLength: 2, maxLength: 3 })), {
        noNullPrototype: true,
      }),
      (key, value, headers) => {
        expect(readDeadLetter(asRead(aRecord({ key, value, headers })))?.record).toEqual({
          key,
          value,
          headers,
        });
      },
    ),
  );
});

test.each<[string, IHeaders]>([
  ["no headers", {}],
  ["no reason", { "tekstream-topic": "t", "tekstream-partition": "0", "tekstream-offset": "0" }],
  [
    "a partition that is no number",
    {
      "tekstream-reason": "r",
      "tekstream-topic": "t",
      "tekstream-partition": "-1",
      "tekstream-offset": "0",
    },
  ],
])("a record with %s is no letter", (_what, headers) => {
  expect(readDeadLetter(aRecord({ headers }))).toBeUndefined();
});
