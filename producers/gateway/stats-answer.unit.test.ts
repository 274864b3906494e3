import { expect, test } from "vitest";
import { noCounts } from "../../shared/stats/counts.js";
import { renderStats, type StatsAnswer } from "./stats-answer.js";

const rule = { paddingBytesMin: 2048, paddingBytesRange: 1024 };
const day = { dayStartSeconds: 1_795_305_600, ...noCounts };

function fieldsOf(answer: StatsAnswer): Record<string, unknown> {
  return JSON.parse(renderStats(answer, rule).body.toString()) as Record<string, unknown>;
}

test("an answer without days has nothing but padding", () => {
  expect(Object.keys(fieldsOf({ status: 200, days: [] }))).toEqual(["padding"]);
});

test("a day has the reference server's names, and its date as the midnight it begins with", () => {
  const { publish, ...rest } = day;
  expect(publish).toEqual([0, 0, 0]);
  const { days } = fieldsOf({
    status: 200,
    days: [{ ...rest, publish: [1, 2, 3], teks: 4, revisions: 5, missingOnset: 6 }],
  });
  expect(days).toEqual([
    {
      day: "2026-11-22T00:00:00Z",
      publish_requests: { unknown: 1, android: 2, ios: 3 },
      total_teks_published: 4,
      requests_with_revisions: 5,
      tek_age_distribution: Array.from({ length: 16 }, () => 0),
      onset_to_upload_distribution: Array.from({ length: 30 }, () => 0),
      requests_missing_onset_date: 6,
    },
  ]);
});

test("the padding lies within its bounds, before base64", () => {
  const lengths = Array.from({ length: 300 }, () => {
    const { padding } = fieldsOf({ status: 401, code: "unauthorized", error: "no" });
    return Buffer.from(String(padding), "base64").length;
  });
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(2048);
  expect(Math.max(...lengths)).toBeLessThan(3072);
  expect(new Set(lengths).size).toBeGreaterThan(100);
});

test("an answer to a request that can't be read has the field, and no padding in it", () => {
  const fields = fieldsOf({ status: 400, code: "bad_request", error: "what <is> it" });
  expect(fields).toEqual({ error: "what <is> it", code: "bad_request", padding: "" });
});

test("no answer names a version of the API, and 503 says when to come again", () => {
  expect(renderStats({ status: 200 }, rule).headers).toEqual({ "Content-Type": "application/json" });
  expect(renderStats({ status: 503, code: "internal_error" }, rule).headers).toEqual({
    "Content-Type": "application/json",
    "Retry-After": 5,
  });
});
