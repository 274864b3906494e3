import { expect, test } from "vitest";
import { aHealthAuthority } from "./health-authority.js";
import { aPhone, keepRevisionToken, publishBody } from "./phone.js";
import { seededRandom } from "./seeded-random.js";

const nowSeconds = 1_795_470_320;
const today = Math.floor(nowSeconds / 86_400) * 144;
const options = { authority: aHealthAuthority(), healthAuthorityID: "gov.example.app", nowSeconds };

test("the same seed makes the same phone", () => {
  expect(aPhone({ seed: 7, nowSeconds }).keys).toEqual(aPhone({ seed: 7, nowSeconds }).keys);
  expect(aPhone({ seed: 7, nowSeconds }).keys).not.toEqual(aPhone({ seed: 8, nowSeconds }).keys);
  expect(aPhone({ nowSeconds }).keys).not.toEqual(aPhone({ nowSeconds }).keys);
});

test("a phone has fourteen daily keys that end yesterday", () => {
  const { keys } = aPhone({ seed: 1, nowSeconds });
  expect(keys.map((key) => key.rollingStartNumber)).toEqual(
    Array.from({ length: 14 }, (_, age) => today - 144 * (age + 1)),
  );
  expect(keys.every((key) => Buffer.from(key.key, "base64").length === 16 && key.rollingPeriod === 144)).toBe(
    true,
  );
});

test("a phone may include today's key, which is still in use", () => {
  expect(aPhone({ seed: 1, nowSeconds, includingToday: true }).keys[0]?.rollingStartNumber).toBe(today);
});

test("the phones of a crowd never roll the same key", () => {
  const teks = Array.from({ length: 5000 }, (_, n) => aPhone({ seed: `crowd/${n}`, nowSeconds }).keys).flat();
  expect(new Set(teks.map((key) => key.key)).size).toBe(5000 * 14);
});

test("a publish has 1 to 2 kB of padding and only the fields of the API", () => {
  const phone = aPhone({ seed: 1, nowSeconds, traveler: true });
  phone.revisionToken = "dG9rZW4=";
  for (let turn = 0; turn < 100; turn++) {
    const body = JSON.parse(publishBody(phone, options));
    expect(body.padding.length).toBeGreaterThanOrEqual(1024);
    expect(body.padding.length).toBeLessThanOrEqual(2048);
    expect(Object.keys(body)).toEqual([
      "temporaryExposureKeys",
      "healthAuthorityID",
      "verificationPayload",
      "hmacKey",
      "symptomOnsetInterval",
      "traveler",
      "revisionToken",
      "padding",
    ]);
  }
});

test("a phone keeps the last token it was given, and only from a success", () => {
  const phone = aPhone({ seed: 1, nowSeconds });
  const answer = { status: 200, seconds: 0, attempts: [] };
  keepRevisionToken(phone, { ...answer, body: { revisionToken: "one" } });
  keepRevisionToken(phone, { ...answer, body: {} });
  keepRevisionToken(phone, { ...answer, status: 400, body: { revisionToken: "two" } });
  expect(phone.revisionToken).toBe("one");
});

test("seeded numbers are spread over their range", () => {
  const random = seededRandom("spread");
  const counts = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw++) {
    const value = random.below(10);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});
