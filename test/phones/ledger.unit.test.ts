import { expect, test } from "vitest";
import type { ReportType } from "./health-authority.js";
import { aLedger, enter } from "./ledger.js";
import { aPhone } from "./phone.js";
import type { Attempt } from "./post-once.js";
import type { PublishAnswer, PublishAnswerBody } from "./publish-client.js";

const phone = aPhone({ seed: 1, nowSeconds: 1_795_470_320, dailyKeys: 1 });
const tek = phone.keys[0]?.key ?? "";
const lost: Attempt = { outcome: "connection_lost", detail: "", seconds: 0 };

function answered(status: number): Attempt {
  return { outcome: "answered", status, headers: {}, text: "", retryAfterSeconds: undefined, seconds: 0 };
}

function anAnswer(attempts: readonly Attempt[], body: PublishAnswerBody = {}): PublishAnswer {
  const status =
    attempts.flatMap((attempt) => (attempt.outcome === "answered" ? [attempt.status] : [])).at(-1) ?? 0;
  return { status, body, seconds: 0, attempts };
}

function ledgerAfter(...publishes: readonly [ReportType, PublishAnswer][]) {
  const ledger = aLedger();
  for (const [reportType, answer] of publishes) {
    enter(ledger, { phone, answer, reportType, regions: ["US"], nowMs: 5 });
  }
  return ledger;
}

const ok = anAnswer([answered(200)]);

test("a key that was acknowledged is entered with all that is known of it", () => {
  expect(ledgerAfter(["likely", ok]).acknowledged.get(tek)).toEqual({
    tek,
    start: phone.keys[0]?.rollingStartNumber,
    period: 144,
    reportType: "likely",
    regions: ["US"],
    traveler: false,
    acknowledgedAtMs: 5,
  });
});

test("another report type later is a revision, the same is not", () => {
  const revised = ledgerAfter(["likely", ok], ["confirmed", ok]).acknowledged.get(tek);
  expect(revised).toMatchObject({ reportType: "likely", revised: "confirmed" });
  expect(ledgerAfter(["likely", ok], ["likely", ok]).acknowledged.get(tek)).not.toHaveProperty("revised");
});

test("a first report of negative stores nothing", () => {
  expect(ledgerAfter(["negative", ok]).acknowledged.size).toBe(0);
});

test.each([
  ["no answer at all", anAnswer([lost, lost]), "unknown"],
  ["503 to the end", anAnswer([answered(503), answered(503)]), "unknown"],
  ["a refusal of the only attempt", anAnswer([answered(400)]), "nothing"],
  ["a refusal after a lost attempt", anAnswer([lost, answered(400)]), "unknown"],
  ["a partial success", anAnswer([answered(200)], { code: "partial_failure" }), "unknown"],
  ["a success with warnings", anAnswer([answered(200)], { warnings: ["key 0"] }), "unknown"],
  ["a success after a lost attempt", anAnswer([lost, answered(200)]), "acknowledged"],
])("%s", (_, answer, fate) => {
  const ledger = ledgerAfter(["confirmed", answer]);
  expect([ledger.acknowledged.size, ledger.unknown.size]).toEqual([
    fate === "acknowledged" ? 1 : 0,
    fate === "unknown" ? 1 : 0,
  ]);
});
