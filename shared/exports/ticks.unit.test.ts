import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldTick, type Tick } from "./ticks.js";

const T = 1_590_004_800;

describe("a tick", () => {
  const cases = [
    { what: "on time is valid", last: T - 60, boundary: T, appended: T, verdict: "valid" },
    { what: "that comes late is valid", last: T - 60, boundary: T, appended: T + 9_000, verdict: "valid" },
    { what: "is valid as the first of all", last: undefined, boundary: T, appended: T, verdict: "valid" },
    { what: "5 seconds ahead is valid", last: undefined, boundary: T, appended: T - 5, verdict: "valid" },
    {
      what: "further ahead is ignored",
      last: undefined,
      boundary: T,
      appended: T - 5.001,
      verdict: "ahead-of-time",
    },
    { what: "for the same boundary is ignored", last: T, boundary: T, appended: T, verdict: "not-later" },
    {
      what: "for an earlier boundary is ignored",
      last: T,
      boundary: T - 60,
      appended: T,
      verdict: "not-later",
    },
  ];
  test.each(cases)("$what", ({ last, boundary, appended, verdict }) => {
    const outcome = foldTick(last, { boundarySeconds: boundary, appendedAtSeconds: appended });
    expect(outcome.kind === "valid" ? "valid" : outcome.reason).toBe(verdict);
    expect(outcome.lastBoundarySeconds).toBe(verdict === "valid" ? boundary : last);
  });
});

test("a clock that jumped ahead does no harm", () => {
  const ticks = [tick(T), tick(T + 86_400, T + 60), tick(T + 3_600)];
  expect(validTicks(ticks)).toEqual([tick(T), tick(T + 3_600)]);
});

test("boundaries of valid ticks rise, and a second clock adds nothing", () => {
  const log = fc.array(fc.record({ late: fc.integer({ min: -20, max: 300 }), hour: fc.nat(10) }));
  fc.assert(
    fc.property(log, (entries) => {
      const ticks = entries.map(({ hour, late }) => tick(T + hour * 3_600, T + hour * 3_600 + late));
      const boundaries = validTicks(ticks).map(({ boundarySeconds }) => boundarySeconds);
      expect(boundaries).toEqual([...new Set(boundaries)].sort((a, b) => a - b));
      expect(validTicks(ticks.flatMap((each) => [each, each]))).toEqual(validTicks(ticks));
    }),
  );
});

function tick(boundarySeconds: number, appendedAtSeconds = boundarySeconds): Tick {
  return { boundarySeconds, appendedAtSeconds };
}

/** The valid ones among the ticks of a partition, given in the order of the log. */
function validTicks(ticks: readonly Tick[]): Tick[] {
  let last: number | undefined;
  return ticks.filter((each) => {
    const verdict = foldTick(last, each);
    last = verdict.lastBoundarySeconds;
    return verdict.kind === "valid";
  });
}
