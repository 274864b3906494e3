import { expect, test } from "vitest";
import { judgeAge, judgeCollection, judgeTopic } from "./judge-retention.js";

const day = 86_400;
const now = 100 * day;

test("a topic with records beyond its retention is too old, and its partitions are named", () => {
  expect(judgeTopic({ topic: "keys", retentionSeconds: 17 * day, overdue: [1, 2] })).toMatchObject({
    place: "topic keys, partition 1, 2",
    verdict: "too_old",
  });
});

test("a topic that keeps less than ten days is told, and a compacted one is kept", () => {
  expect(judgeTopic({ topic: "keys", retentionSeconds: 9 * day, overdue: [] }).verdict).toBe("too_short");
  expect(judgeTopic({ topic: "keys", retentionSeconds: 10 * day, overdue: [] }).verdict).toBe("ok");
  expect(judgeTopic({ topic: "config", retentionSeconds: undefined, overdue: [] }).verdict).toBe("kept");
});

test("a collection is judged by its oldest document, with room for MongoDB's monitor", () => {
  const age = { collection: "keys", retentionSeconds: 14 * day };
  const of = (oldestSeconds: number | undefined) => judgeCollection({ ...age, oldestSeconds }, now).verdict;
  expect([of(now - 14 * day - 299), of(now - 14 * day - 301), of(undefined)]).toEqual([
    "ok",
    "too_old",
    "ok",
  ]);
  expect(
    judgeCollection({ collection: "batches", retentionSeconds: undefined, oldestSeconds: undefined }, now)
      .verdict,
  ).toBe("kept");
});

test("lines and files are judged by their oldest window", () => {
  expect(judgeAge("index", now - 1001, 900, 100, now).verdict).toBe("too_old");
  expect(judgeAge("index", now - 1000, 900, 100, now).verdict).toBe("ok");
});
