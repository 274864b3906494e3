import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { releaseSeconds } from "./embargo.js";
import { defaultKeyLimits } from "./key-limits.js";
import type { PublishedKey } from "./publish-request.js";
import type { ReportType } from "./report-type.js";
import { transformPublish } from "./transform.js";

interface Vector {
  name: string;
  publish: { temporaryExposureKeys: Partial<PublishedKey>[] | null; symptomOnsetInterval?: number };
  verified_claims: { ReportType: ReportType; SymptomOnsetInterval: number } | null;
  error: string;
  warnings: string[] | null;
  exposures: VectorExposure[] | null;
  stats: { OldestDays: number; OnsetDaysAgo: number; MissingOnset: boolean } | null;
}

interface VectorExposure {
  Key: string;
  CreatedAt: string;
  ReportType: ReportType;
  IntervalNumber: number;
  IntervalCount: number;
  Risk: number;
  Days: number;
}

const file: { now: string; now_interval: number; vectors: Vector[] } = JSON.parse(
  readFileSync(new URL("../../test/vectors/publish/transform.json", import.meta.url), "utf8"),
);
const nowSeconds = Date.parse(file.now) / 1000;
const today = 2_673_072;

function aKey(key: Partial<PublishedKey> = {}): PublishedKey {
  const fields = {
    key: "AQAAAAAAAAAAAAAAAAAAAQ==",
    rollingStartNumber: 0,
    rollingPeriod: 0,
    transmissionRisk: 0,
  };
  return { ...fields, ...key };
}

function transform(keys: PublishedKey[], reportType?: ReportType, symptomOnsetInterval = 0) {
  const claims = reportType === undefined ? undefined : { reportType, symptomOnsetInterval: 0 };
  return transformPublish({ keys, symptomOnsetInterval, claims, nowSeconds, limits: defaultKeyLimits });
}

describe("keys come out as from the reference server", () => {
  test.each(file.vectors)("$name", (vector) => {
    const claims = vector.verified_claims;
    const result = transformPublish({
      keys: (vector.publish.temporaryExposureKeys ?? []).map(aKey),
      symptomOnsetInterval: vector.publish.symptomOnsetInterval ?? 0,
      claims:
        claims === null
          ? undefined
          : { reportType: claims.ReportType, symptomOnsetInterval: claims.SymptomOnsetInterval },
      nowSeconds,
      limits: defaultKeyLimits,
    });
    const error = result.ok ? (result.partialErrors ?? "") : result.message;
    expect(error).toBe(vector.error);
    expect(result.warnings).toEqual(vector.warnings ?? []);
    expect(result.ok ? exposuresOf(result.keys) : []).toEqual((vector.exposures ?? []).map(comparable));
    if (vector.stats !== null) {
      const { OldestDays, OnsetDaysAgo, MissingOnset } = vector.stats;
      expect(result).toMatchObject({
        oldestTekDays: OldestDays,
        onsetToUploadDays: OnsetDaysAgo,
        missingOnset: MissingOnset,
      });
    }
  });
});

function exposuresOf(keys: Extract<ReturnType<typeof transform>, { ok: true }>["keys"]) {
  return keys.map((key) => ({
    Key: key.tek.toString("hex"),
    CreatedAt: key.createdAtSeconds,
    ReportType: key.reportType,
    IntervalNumber: key.rollingStartIntervalNumber,
    IntervalCount: key.rollingPeriod,
    Risk: key.transmissionRisk,
    Days: key.daysSinceOnset,
  }));
}

function comparable({
  Key,
  CreatedAt,
  ReportType,
  IntervalNumber,
  IntervalCount,
  Risk,
  Days,
}: VectorExposure) {
  return {
    Key,
    CreatedAt: Date.parse(CreatedAt) / 1000,
    ReportType,
    IntervalNumber,
    IntervalCount,
    Risk,
    Days,
  };
}

describe("what decides about a whole publish", () => {
  const valid = aKey({ rollingStartNumber: today - 144, rollingPeriod: 144 });

  test("31 keys are too many, even if none of them is valid", () => {
    const message = "too many exposure keys in publish: 31, max of 30 is allowed";
    expect(transform(Array.from({ length: 31 }, () => aKey()))).toEqual({ ok: false, message, warnings: [] });
  });

  test("a publish whose only good key is dropped by its onset fails with errors and warnings", () => {
    const result = transform([valid, aKey()], undefined, today - 20 * 144);
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining("key 1 cannot be imported") });
    expect(result.warnings).toEqual(["key 0 symptom onset is too large, 19 > 14 - saving without this key"]);
  });

  test("a dropped key takes no part in the check for overlaps", () => {
    const overlapping = aKey({ rollingStartNumber: today - 100, rollingPeriod: 145 });
    expect(transform([valid, overlapping])).toMatchObject({ ok: true, keys: [{ rollingPeriod: 144 }] });
  });

  test.each([
    ["confirmed", 2],
    ["likely", 4],
    ["negative", 6],
    ["user-report", 0],
  ] as const)("a key without risk of type %s gets risk %d", (type, risk) => {
    expect(transform([valid], type)).toMatchObject({ keys: [{ transmissionRisk: risk, reportType: type }] });
  });

  test("a risk beyond the safe integers is quoted to the last digit", () => {
    const message =
      "key 0 cannot be imported: invalid transmission risk: 9223372036854775807, must be >= 0 && <= 8";
    expect(transform([{ ...valid, transmissionRisk: 9_223_372_036_854_775_807n }])).toMatchObject({
      message: expect.stringContaining(message),
    });
  });

  test("an onset claim beyond any date is ignored", () => {
    const claims = { reportType: "likely", symptomOnsetInterval: 0xffff_ffff } as const;
    const result = transformPublish({
      keys: [valid],
      symptomOnsetInterval: 0,
      claims,
      nowSeconds,
      limits: defaultKeyLimits,
    });
    expect(result).toMatchObject({ missingOnset: true });
  });
});

describe("a key still usable on air is held back", () => {
  test.each([
    // End of key, release; the window is an hour.
    ["2020-10-29T00:00:00Z", "2020-10-29T01:00:00Z"],
    ["2020-10-28T17:10:00Z", "2020-10-28T18:00:00Z"],
    ["2020-10-28T15:40:00Z", "2020-10-28T16:00:00Z"],
  ])("a key that ends at %s may leave at %s", (end, release) => {
    const endInterval = Date.parse(end) / 600_000;
    expect(releaseSeconds(endInterval, file.now_interval, 3600)).toBe(Date.parse(release) / 1000);
  });

  test("a key that ends with the current interval is not held back", () => {
    expect(releaseSeconds(file.now_interval, file.now_interval, 3600)).toBeUndefined();
  });

  test("unless the deployment releases such keys at once", () => {
    const keys = [aKey({ rollingStartNumber: today, rollingPeriod: 144 })];
    const input = { keys, symptomOnsetInterval: 0, claims: undefined, nowSeconds };
    const held = transformPublish({ ...input, limits: defaultKeyLimits });
    const released = transformPublish({
      ...input,
      limits: { ...defaultKeyLimits, releaseStillValidKeys: true },
    });
    expect(held).toMatchObject({ keys: [{ embargoed: true }] });
    expect(released).toMatchObject({ keys: [{ embargoed: false, createdAtSeconds: 1_603_897_200 }] });
  });
});
