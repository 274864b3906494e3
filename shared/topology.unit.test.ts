import { describe, expect, test } from "vitest";
import {
  deadLetters,
  deadLetterTopic,
  keysAccepted,
  keysEmbargoed,
  keysSubmitted,
  processes,
  streams,
} from "./topology.js";

const names = Object.keys(processes);

describe.each(streams.map((stream) => [stream.topic, stream] as const))("%s", (_topic, stream) => {
  test("is written and read by processes of the map", () => {
    expect(stream.writers.length).toBeGreaterThan(0);
    for (const name of [...stream.writers, ...stream.readers]) expect(names).toContain(name);
  });

  test("is a fact in the past tense with a version", () => {
    expect(stream.topic).toMatch(/^[a-z]+\.[a-z]+ed\.v\d+$/);
  });

  test("says why it is there", () => {
    expect(stream.why.length).toBeGreaterThan(20);
  });

  test("has a message with a full name that ends in the topic's fact", () => {
    const message = stream.codec.getTypeUrl().replace(/^.*\//, "");
    expect(message).toMatch(/^tekstream\.[a-z]+\.v\d+\.[A-Z]\w+$/);
  });
});

test("topics are unique", () => {
  expect(new Set(streams.map(({ topic }) => topic)).size).toBe(streams.length);
});

test("every service that reads a stream that is not compacted has its dead-letter topic there", () => {
  const topics = deadLetters.map(({ stream, process }) => deadLetterTopic(stream, process));
  expect(topics).toEqual([
    `${keysSubmitted.topic}.key-store.dlq`,
    `${keysAccepted.topic}.export-window.dlq`,
    `${keysAccepted.topic}.stats.dlq`,
    `${keysEmbargoed.topic}.export-window.dlq`,
  ]);
});

test("streams that are cut into windows together have the same partitions", () => {
  const kinds = streams.filter(({ retention }) => retention === "keys").map(({ partitions }) => partitions);
  expect(new Set(kinds)).toEqual(new Set(["keys"]));
});
