/**
 * What is expected of a figure under a steady load: `level` stays as it is; `steady` grows by design, evenly; `told` is
 * drawn and not judged.
 */
export type Expectation = "level" | "steady" | "told";

/** A figure over time. */
export interface Series {
  /** The chart that it is drawn in. */
  readonly chart: string;
  readonly name: string;
  readonly expected: Expectation;
  /** Differences up to this are none: the noise of the figure. */
  readonly slack: number;
  readonly points: readonly Point[];
}

export interface Point {
  readonly seconds: number;
  readonly value: number;
}

/** A figure judged: its medians, or its growth a minute, in the first and the last third after the warm-up. */
export interface Verdict {
  readonly chart: string;
  readonly name: string;
  readonly expected: Expectation;
  readonly first: number;
  readonly last: number;
  readonly isGrowing: boolean;
}

/** Of the time; until then programs are compiled, caches fill and what expires has not begun to. */
const warmUpShare = 0.25;
const levelGrowthMax = 1.2;
const steadyGrowthMax = 1.3;

export function judge({ chart, name, expected, slack, points }: Series): Verdict {
  const [firstThird, lastThird] = thirds(points);
  const figure = expected === "steady" ? growthPerMinute : median;
  const [first, last] = [figure(firstThird), figure(lastThird)];
  const growthMax = expected === "steady" ? steadyGrowthMax : levelGrowthMax;
  const isGrowing = expected !== "told" && last > first * growthMax + slack;
  return { chart, name, expected, first, last, isGrowing };
}

function thirds(points: readonly Point[]): readonly [readonly Point[], readonly Point[]] {
  const [begin, end] = [points[0]?.seconds ?? 0, points.at(-1)?.seconds ?? 0];
  const from = begin + (end - begin) * warmUpShare;
  const third = (end - from) / 3;
  const between = (low: number, high: number): readonly Point[] =>
    points.filter(({ seconds }) => seconds >= low && seconds <= high);
  return [between(from, from + third), between(end - third, end)];
}

function median(points: readonly Point[]): number {
  const values = points.map(({ value }) => value).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}

function growthPerMinute(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last.seconds === first.seconds) return 0;
  return ((last.value - first.value) / (last.seconds - first.seconds)) * 60;
}
