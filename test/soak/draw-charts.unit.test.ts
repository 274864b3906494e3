import { expect, test } from "vitest";
import { drawCharts } from "./draw-charts.js";
import type { Series } from "./series.js";

test("a picture has a chart for each group, and in it a line for each figure, from the left to the right", () => {
  const points = [0, 30, 60].map((seconds) => ({ seconds, value: seconds }));
  const a: Series = { chart: "memory", name: "a<b", expected: "level", slack: 0, points };
  const svg = drawCharts([a, { ...a, name: "c" }, { ...a, chart: "lag", name: "d" }]);
  expect(svg.match(/<polyline/g)).toHaveLength(3);
  expect(svg.match(/<g /g)).toHaveLength(2);
  expect(svg).toContain("a&lt;b");
  expect(svg).toContain('points="70.0,216.0 400.0,125.0 730.0,34.0"');
  expect(svg).toContain("1.0 min");
});
