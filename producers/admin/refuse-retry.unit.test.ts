import { describe, expect, test } from "vitest";
import { configChanged, keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import { letterTopics } from "./letter-topic.js";
import { refuseRetry, retryRefusals, type RetryOptions } from "./refuse-retry.js";

const nowSeconds = 1_795_467_600;
const retried = { action: "retried", decidedAtSeconds: 5, source: "" } as const;
const dropped = { ...retried, action: "dropped" } as const;
type Known = Parameters<typeof refuseRetry>[1];

function refusalOf(
  source: { topic: string },
  changes: Partial<Known> = {},
  options: RetryOptions = {},
): ReturnType<typeof refuseRetry> {
  const topic = letterTopics.find((one) => one.source === source.topic);
  if (topic === undefined) throw new Error(`${source.topic} has no dead letters`);
  const content = {
    reason: "malformed",
    topic: source.topic,
    partition: 2,
    offset: 7,
    record: { value: null },
  };
  const judgement = { reason: undefined, receivedSeconds: nowSeconds - 3600 };
  const known = { decision: undefined, judgement, partitions: 3, nowSeconds, ...changes };
  return refuseRetry({ topic, content }, known, options);
}

describe("a submission", () => {
  test.each<[string, Partial<Known>, RetryOptions, ReturnType<typeof refuseRetry>]>([
    ["that is open and can be read goes back in", {}, {}, undefined],
    ["that was sent back does not go twice by mistake", { decision: retried }, {}, "retried"],
    ["that was sent back goes again if one says so", { decision: retried }, { again: true }, undefined],
    ["that was dropped stays so", { decision: dropped }, {}, "dropped"],
    ["that was dropped goes if one says so", { decision: dropped }, { again: true }, undefined],
    ["that would come back stays", { judgement: { reason: "not_framed" } }, {}, "rejected_again"],
    [
      "that would come back goes anyway",
      { judgement: { reason: "not_framed" } },
      { anyway: true },
      undefined,
    ],
    [
      "of a partition that is not there stays",
      { partitions: 2 },
      { anyway: true, again: true },
      "no_partition",
    ],
    [
      "of two weeks ago stays, whatever one says: the view may have forgotten its keys",
      { judgement: { reason: undefined, receivedSeconds: nowSeconds - 13 * 86_400 - 1 } },
      { again: true, anyway: true },
      "too_old",
    ],
    [
      "of ten days ago goes back in for the first time",
      { judgement: { reason: undefined, receivedSeconds: nowSeconds - 10 * 86_400 } },
      {},
      undefined,
    ],
    [
      "of ten days ago stays if it was sent back before: where keys are kept for the shortest time, they are forgotten",
      { decision: retried, judgement: { reason: undefined, receivedSeconds: nowSeconds - 10 * 86_400 } },
      { again: true },
      "too_old",
    ],
  ])("%s", (_what, changes, options, refusal) => {
    expect(refusalOf(keysSubmitted, changes, options)).toBe(refusal);
  });
});

describe.each([keysAccepted, keysEmbargoed])("a record of decided keys, $topic,", (stream) => {
  test.each<[string, Partial<Known>, RetryOptions, ReturnType<typeof refuseRetry>]>([
    ["stays: its keys may have left", {}, { anyway: true }, "perhaps_exported"],
    ["goes once, if one says that they have not", {}, { notExported: true }, undefined],
    [
      "never goes twice",
      { decision: retried },
      { again: true, anyway: true, notExported: true },
      "exported_twice",
    ],
    [
      "that was dropped goes if one says so",
      { decision: dropped },
      { again: true, notExported: true },
      undefined,
    ],
  ])("%s", (_what, changes, options, refusal) => {
    expect(refusalOf(stream, changes, options)).toBe(refusal);
  });
});

test("a letter that none of our processes wrote is never sent anywhere", () => {
  const [topic] = letterTopics;
  if (topic === undefined) throw new Error("no topic");
  const known = { decision: undefined, judgement: undefined, partitions: 3, nowSeconds };
  const all = { again: true, anyway: true, notExported: true };
  expect(refuseRetry({ topic, content: undefined }, known, all)).toBe("no_letter");
  const content = {
    reason: "r",
    topic: configChanged.topic,
    partition: 0,
    offset: 0,
    record: { value: null },
  };
  expect(refuseRetry({ topic, content }, known, all)).toBe("no_letter");
});

test("every refusal has a sentence", () => {
  for (const sentence of Object.values(retryRefusals)) expect(sentence).toMatch(/^\S.*[\w"]$/);
});
