import type { ReadExports, ReadKey } from "./export-reader.js";
import type { ReportType } from "./health-authority.js";
import type { Ledger, LedgerKey } from "./ledger.js";

/** Where the exports differ from what was acknowledged. TEKs are in standard base64. */
export interface Comparison {
  /** Acknowledged, but in no export. */
  readonly missing: readonly string[];
  /** Acknowledged as revised, but no export says so. */
  readonly revisionMissing: readonly string[];
  /** In the primary lists, or in the revised lists, more than once. */
  readonly twice: readonly string[];
  /** In an export, though nobody published or revised it so. Padding keys are here too: nobody can tell them. */
  readonly unexpected: readonly string[];
  /** Exported with another start, period or report type than acknowledged. */
  readonly different: readonly string[];
}

/** The export's number for a report type (reference server facts, §3.3 and §6.6). */
const exportedAs: Readonly<Record<ReportType, number>> = {
  confirmed: 1,
  likely: 2,
  "user-report": 3,
  negative: 5,
};

/**
 * Compares what was acknowledged with what a phone has read. `expected` says which acknowledged keys these exports
 * should hold, such as those of one region; by default all. Keys of unknown outcome may be there or not.
 */
export function compare(
  ledger: Ledger,
  read: Pick<ReadExports, "keys" | "revised">,
  expected: (key: LedgerKey) => boolean = () => true,
): Comparison {
  const keys = [...ledger.acknowledged.values()].filter(expected);
  const unexpected = [
    ...[...read.keys.keys()].filter((tek) => !mayBePrimary(ledger, tek, expected)),
    ...[...read.revised.keys()].filter((tek) => !mayBeRevised(ledger, tek, expected)),
  ];
  return {
    missing: teks(keys.filter(({ tek }) => !read.keys.has(tek))),
    revisionMissing: teks(keys.filter(({ tek, revised }) => revised !== undefined && !read.revised.has(tek))),
    twice: [...repeated(read.keys), ...repeated(read.revised)],
    unexpected,
    different: teks(keys.filter((key) => differs(key, ledger, read))),
  };
}

/** Whether nothing is wrong. */
export function isSame(comparison: Comparison): boolean {
  return Object.values(comparison).every((list: readonly string[]) => list.length === 0);
}

function teks(keys: readonly LedgerKey[]): readonly string[] {
  return keys.map(({ tek }) => tek);
}

function repeated(lists: ReadonlyMap<string, readonly ReadKey[]>): readonly string[] {
  return [...lists].filter(([, occurrences]) => occurrences.length > 1).map(([tek]) => tek);
}

function mayBePrimary(ledger: Ledger, tek: string, expected: (key: LedgerKey) => boolean): boolean {
  const key = ledger.acknowledged.get(tek);
  return key === undefined ? ledger.unknown.has(tek) : expected(key);
}

function mayBeRevised(ledger: Ledger, tek: string, expected: (key: LedgerKey) => boolean): boolean {
  const key = ledger.acknowledged.get(tek);
  if (key === undefined) return ledger.unknown.has(tek);
  return expected(key) && (key.revised !== undefined || ledger.unknown.has(tek));
}

function differs(key: LedgerKey, ledger: Ledger, read: Pick<ReadExports, "keys" | "revised">): boolean {
  const unknown = [...(ledger.unknown.get(key.tek) ?? [])];
  const first = [key.reportType, ...unknown];
  const later = key.revised === undefined ? unknown : [key.revised, ...unknown];
  const primaryDiffers = (read.keys.get(key.tek) ?? []).some((found) => !shows(found, key, first));
  // A revision that nobody knows of is unexpected already.
  const revisions = later.length === 0 ? [] : (read.revised.get(key.tek) ?? []);
  return primaryDiffers || revisions.some((found) => !shows(found, key, later));
}

function shows(found: ReadKey, key: LedgerKey, reportTypes: readonly ReportType[]): boolean {
  const sameTimes = found.rollingStart === key.start && found.rollingPeriod === key.period;
  return sameTimes && reportTypes.some((reportType) => exportedAs[reportType] === found.reportType);
}
