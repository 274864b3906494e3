/** The first is the one in which the heap finds its size. */
const roundsLeftOut = 1;
const roundsMin = 4;

/**
 * By how much of itself memory grew from the second round to the last, along the straight line that fits all of
 * these best: 0.1 is a tenth. @throws {RangeError} when there are too few rounds to tell.
 */
export function memoryGrowth(bytesByRound: readonly number[]): number {
  if (bytesByRound.length < roundsMin)
    throw new RangeError(`${bytesByRound.length} rounds tell of no growth, ${roundsMin} do`);
  const bytes = bytesByRound.slice(roundsLeftOut);
  const mean = sum(bytes) / bytes.length;
  const middle = (bytes.length - 1) / 2;
  const slope =
    sum(bytes.map((value, round) => (round - middle) * (value - mean))) /
    sum(bytes.map((_, round) => (round - middle) ** 2));
  return (slope * (bytes.length - 1)) / (mean - slope * middle);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
