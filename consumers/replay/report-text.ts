import type { Comparison } from "./compare-store.js";
import type { StoreReport } from "./store.js";

/** What a replay of the store found, for the operator. */
export function reportText({ folded, foldSeconds, comparison, gaps, heldSeconds }: StoreReport): string {
  const perSecond = Math.round(folded.keys / Math.max(foldSeconds, 0.001));
  const lines = [
    `folded: ${folded.keys} keys in ${foldSeconds.toFixed(1)} s (${perSecond} keys/s); ${folded.expired} left out, as their time in MongoDB is over`,
    ...(folded.unusable === 0 ? [] : [`records that can't be used, left out: ${folded.unusable}`]),
    ...(gaps.length === 0 ? [] : [`the log does not reach back to the oldest keys in: ${gaps.join(", ")}`]),
    ...comparisonLines(comparison),
    heldSeconds === undefined
      ? "nothing was changed"
      : `swapped in; key-stores were held for ${heldSeconds.toFixed(1)} s`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Whether the keys in use are what the log says. */
export function isSame({ missing, extra, changed }: Comparison): boolean {
  return missing + extra + changed === 0;
}

function comparisonLines(comparison: Comparison): string[] {
  const { same, missing, extra, changed, passing, samples } = comparison;
  const moving = passing === 0 ? [] : [`just decided, or just going: ${passing}`];
  if (isSame(comparison)) return [`the keys in use are what the log says: ${same} are the same`, ...moving];
  return [
    `the keys in use differ from the log: ${missing} missing, ${extra} extra, ${changed} changed, ${same} the same`,
    ...moving,
    ...samples.map(({ kind, hash, insertedAt, fields }) => {
      const differing = fields.length === 0 ? "" : `, differs in ${fields.join(", ")}`;
      return `  ${kind}: SHA-256 of the TEK ${hash}…, inserted by keys.submitted ${insertedAt}${differing}`;
    }),
  ];
}
