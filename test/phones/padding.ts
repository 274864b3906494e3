import type { Comparison } from "./compare.js";
import type { ReadExports, ReadKey } from "./export-reader.js";
import type { Ledger } from "./ledger.js";

/**
 * A comparison of padded exports: what is unexpected but may be padding is taken out, and counted. Padding is a key
 * that is like an acknowledged one of the same file in all but its TEK, and that is in no other file.
 */
export function withoutPadding(
  comparison: Comparison,
  ledger: Ledger,
  read: Pick<ReadExports, "keys">,
): { readonly comparison: Comparison; readonly padding: number } {
  const imitated = new Set(
    [...read.keys].flatMap(([tek, found]) => (ledger.acknowledged.has(tek) ? found.map(likeness) : [])),
  );
  const isPadding = (tek: string): boolean => {
    const found = read.keys.get(tek) ?? [];
    return found.length === 1 && found.every((key) => imitated.has(likeness(key)));
  };
  const unexpected = comparison.unexpected.filter((tek) => !isPadding(tek));
  return {
    comparison: { ...comparison, unexpected },
    padding: comparison.unexpected.length - unexpected.length,
  };
}

function likeness({ key: _tek, ...rest }: ReadKey): string {
  return JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
