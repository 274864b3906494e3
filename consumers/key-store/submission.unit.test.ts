import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { regionsBytesMax } from "../../shared/keys/regions.js";
import { insertedBy } from "../../shared/keys/submission-identity.js";
import { bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import { keysSubmitted, type Submitted, type SubmittedRecord } from "../../shared/topology.js";
import {
  aSubmitted,
  aSubmittedKey,
  appendedAtSeconds,
  decodedSubmitted,
} from "./a-submission.test-support.js";
import { readSubmission, type Submission, type SubmittedKey } from "./submission.js";

const at = { partition: 2, offset: 40 };
const rule = { truncateWindowSeconds: 3600, releaseStillValidKeys: false };

function read(message: Submitted, changes: Partial<typeof rule> = {}): ReturnType<typeof readSubmission> {
  return readSubmission(decodedSubmitted(message), at, appendedAtSeconds, { ...rule, ...changes });
}

function firstKey(result: ReturnType<typeof readSubmission>): SubmittedKey {
  const [key] = typeof result === "string" ? [] : result.keys;
  if (key === undefined) throw new Error(`no submission: ${JSON.stringify(result)}`);
  return key;
}

test("a submission is what would be stored, with its place in the log", () => {
  const submission = read(aSubmitted("s", { traveler: true })) as Submission;
  expect(submission).toMatchObject({ at, identity: bytesOf("s") });
  expect(firstKey(submission)).toEqual({
    candidate: {
      tek: bytesOf("key of s"),
      rollingStartIntervalNumber: aSubmittedKey("x").rollingStartIntervalNumber,
      rollingPeriod: 144,
      reportType: "confirmed",
      transmissionRisk: 4,
      daysSinceOnset: 1,
      app: "gov.example.app",
      healthAuthorityId: "doh",
      regions: ["US"],
      traveler: true,
      provenance: "local",
      createdAtSeconds: appendedAtSeconds - 3600,
      insertedBy: insertedBy(bytesOf("s"), bytesOf("key of s")),
      insertedAt: at,
    },
    tokenInsertedBy: undefined,
  });
});

test("what the token proves comes along, key by key", () => {
  const keys = [aSubmittedKey("a", { tokenInsertedBy: bytesOf("proof") }), aSubmittedKey("b")];
  const submission = read(aSubmitted("s", { keys })) as Submission;
  expect(submission.keys.map(({ tokenInsertedBy }) => tokenInsertedBy)).toEqual([
    bytesOf("proof"),
    undefined,
  ]);
});

test("keys without a certificate name no health authority", () => {
  expect(firstKey(read(aSubmitted("s", { healthAuthorityId: "" }))).candidate).not.toHaveProperty(
    "healthAuthorityId",
  );
});

describe("the embargo", () => {
  const now = appendedAtSeconds / 600;
  const endingAt = (interval: number): Submitted =>
    aSubmitted("s", { keys: [aSubmittedKey("a", { rollingStartIntervalNumber: interval - 144 })] });

  test.each([
    ["a key that has just ended", now, undefined],
    ["a key that ends in ten minutes", now + 1, appendedAtSeconds + 3600],
    ["a key that ends at the hour", now + 6, appendedAtSeconds + 7200],
  ])("of %s is counted from the time at which the log took the record", (_what, interval, releaseSeconds) => {
    expect(firstKey(read(endingAt(interval))).candidate.releaseSeconds).toBe(releaseSeconds);
  });

  test("makes the release the time of creation, so that retention counts from it", () => {
    expect(firstKey(read(endingAt(now + 1))).candidate.createdAtSeconds).toBe(appendedAtSeconds + 3600);
  });

  test("can be switched off for trials", () => {
    const { candidate } = firstKey(read(endingAt(now + 100), { releaseStillValidKeys: true }));
    expect(candidate.releaseSeconds).toBeUndefined();
    expect(candidate.createdAtSeconds).toBe(appendedAtSeconds - 3600);
  });
});

/** Each takes ten bytes. */
const fullRegions = Array.from({ length: regionsBytesMax / 10 }, () => "R-seven");

test("as many regions as fit, and names as long as may be, are a submission", () => {
  const name = "a".repeat(128);
  const message = aSubmitted("s", { regions: fullRegions, app: name, healthAuthorityId: name });
  expect(firstKey(read(message)).candidate).toMatchObject({ regions: fullRegions, app: name });
});

describe("what is no submission is named", () => {
  const withKey = (changes: Parameters<typeof aSubmittedKey>[1]): Submitted =>
    aSubmitted("s", { keys: [aSubmittedKey("fine"), aSubmittedKey("a", changes)] });
  test.each<[string, Submitted, string]>([
    ["nothing at all", {}, "bad_identity"],
    ["a short identity", aSubmitted("s", { identity: new Uint8Array(15) }), "bad_identity"],
    ["no keys", aSubmitted("s", { keys: [] }), "no_keys"],
    ["an unknown report type", aSubmitted("s", { reportType: 4 as never }), "bad_report_type"],
    ["a short TEK", withKey({ tek: new Uint8Array(15) }), "bad_key"],
    ["a long TEK", withKey({ tek: new Uint8Array(17) }), "bad_key"],
    ["a period of 0", withKey({ rollingPeriod: 0 }), "bad_key"],
    ["a period of 145", withKey({ rollingPeriod: 145 }), "bad_key"],
    ["a negative start", withKey({ rollingStartIntervalNumber: -1 }), "bad_key"],
    ["a risk that phones refuse", withKey({ transmissionRisk: 9 }), "bad_key"],
    ["an onset that phones refuse", withKey({ daysSinceOnset: 15 }), "bad_key"],
    ["a time before 1970", aSubmitted("s", { receivedWindowSeconds: -1 }), "bad_time"],
    ["a time after the year 9999", aSubmitted("s", { receivedWindowSeconds: 253_402_300_800 }), "bad_time"],
    ["more regions than fit", aSubmitted("s", { regions: [...fullRegions, ""] }), "too_large"],
    ["an app with a long name", aSubmitted("s", { app: "a".repeat(129) }), "too_large"],
    [
      "a health authority with a long name",
      aSubmitted("s", { healthAuthorityId: "a".repeat(129) }),
      "too_large",
    ],
    ["one TEK twice", aSubmitted("s", { keys: [aSubmittedKey("a"), aSubmittedKey("a")] }), "repeated_key"],
  ])("%s", (_what, message, reason) => {
    expect(read(message)).toBe(reason);
  });
});

test("whatever bytes decode, reading them gives a submission or a reason", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      let record: SubmittedRecord | undefined;
      try {
        record = keysSubmitted.codec.decode(bytes);
      } catch {
        return;
      }
      readSubmission(record, at, appendedAtSeconds, rule);
    }),
  );
});
