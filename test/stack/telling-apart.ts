/** What a watcher sees of one answer. */
export interface Seen {
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * How well a classifier tells two kinds of answers apart: the area under its curve, 0.5 for a coin, 1 for certainty. By
 * size and by time alone, whichever way round they tell more, and by what is nearest in both together.
 */
export interface Separation {
  readonly bytes: number;
  readonly seconds: number;
  readonly nearest: number;
}

export function separationOf(a: readonly Seen[], b: readonly Seen[]): Separation {
  const eitherWay = (auc: number): number => Math.max(auc, 1 - auc);
  const values = (feature: keyof Seen, from: readonly Seen[]) => from.map((seen) => seen[feature]);
  return {
    bytes: eitherWay(areaUnderCurve(values("bytes", a), values("bytes", b))),
    seconds: eitherWay(areaUnderCurve(values("seconds", a), values("seconds", b))),
    nearest: byNearest(a, b),
  };
}

/** The chance that one of `b` scores higher than one of `a`; a tie counts half. */
export function areaUnderCurve(a: readonly number[], b: readonly number[]): number {
  const sorted = a.toSorted((one, other) => one - other);
  const wins = b.reduce((sum, value) => sum + (countBelow(sorted, value) + countUpTo(sorted, value)) / 2, 0);
  return wins / (a.length * b.length);
}

/** Scores each answer by how many of its neighbours, itself left out, are of the second kind. */
function byNearest(a: readonly Seen[], b: readonly Seen[]): number {
  const all = [...a, ...b];
  const bytes = ranks(all.map((seen) => seen.bytes));
  const seconds = ranks(all.map((seen) => seen.seconds));
  const neighbours = Math.round(Math.sqrt(all.length));
  const scores = all.map((_, self) => {
    const distances = Float64Array.from(all, (_other, index) =>
      index === self
        ? Number.POSITIVE_INFINITY
        : Math.hypot(at(bytes, index) - at(bytes, self), at(seconds, index) - at(seconds, self)),
    );
    const farthest = at(distances.toSorted(), neighbours - 1);
    const near = [0, 0];
    distances.forEach((distance, index) => {
      if (distance <= farthest) near[index < a.length ? 0 : 1] = at(near, index < a.length ? 0 : 1) + 1;
    });
    return at(near, 1) / (at(near, 0) + at(near, 1));
  });
  return areaUnderCurve(scores.slice(0, a.length), scores.slice(a.length));
}

/** Places in their order, from 0 to 1; equal values share one. Outliers count no more than others. */
function ranks(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((one, other) => one - other);
  return values.map((value) => countBelow(sorted, value) / values.length);
}

function countBelow(sorted: readonly number[], value: number): number {
  return boundary(sorted, (other) => other < value);
}

function countUpTo(sorted: readonly number[], value: number): number {
  return boundary(sorted, (other) => other <= value);
}

function boundary(sorted: readonly number[], isBefore: (value: number) => boolean): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(at(sorted, middle))) from = middle + 1;
    else to = middle;
  }
  return from;
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}
