import { expect, test } from "vitest";
import { judge, type Expectation, type Series } from "./series.js";

const minutes = 60;

function series(expected: Expectation, valueAt: (seconds: number) => number): Series {
  const points = Array.from({ length: 121 }, (_, index) => ({
    seconds: index * 15,
    value: valueAt(index * 15),
  }));
  return { chart: "memory", name: "gateway", expected, slack: 10, points };
}

const noise = (seconds: number): number => ((seconds * 7919) % 13) - 6;

test.each<[string, Series, boolean]>([
  ["a level figure with noise", series("level", (at) => 100 + noise(at)), false],
  ["one that rises during the warm-up only", series("level", (at) => Math.min(450, at)), false],
  ["one with a spike", series("level", (at) => (at === 1500 ? 5000 : 100)), false],
  ["one that leaks", series("level", (at) => 100 + at / 20), true],
  ["one that was nothing and is no more", series("level", (at) => (at > 20 * minutes ? 50 : 0)), true],
  ["one that differs by less than its noise", series("level", (at) => (at > 20 * minutes ? 9 : 0)), false],
  ["one that grows evenly, as it should", series("steady", (at) => at * 100), false],
  ["one that grows faster and faster", series("steady", (at) => at * at), true],
  ["one that is only told", series("told", (at) => at * at), false],
])("%s", (_, figure, isGrowing) => {
  expect(judge(figure).isGrowing).toBe(isGrowing);
});

test("a verdict shows the medians of the first and the last third, or the growth a minute", () => {
  expect(judge(series("level", (at) => (at < 900 ? 1 : 2)))).toMatchObject({ first: 1, last: 2 });
  expect(judge(series("steady", (at) => at * 2))).toMatchObject({ first: 120, last: 120 });
});
