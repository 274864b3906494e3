import type { ReportType } from "./health-authority.js";
import type { Phone } from "./phone.js";
import type { PublishAnswer } from "./publish-client.js";

/** A key that the server has acknowledged: from now on, losing it is a fault. */
export interface LedgerKey {
  /** Standard base64. */
  readonly tek: string;
  /** Interval number. */
  readonly start: number;
  /** In intervals. */
  readonly period: number;
  /** As first acknowledged. */
  readonly reportType: ReportType;
  /** As acknowledged later, if it differs. */
  readonly revised?: ReportType;
  readonly regions: readonly string[];
  readonly traveler: boolean;
  /** Unix milliseconds of the first acknowledgement. */
  readonly acknowledgedAtMs: number;
}

/** What the outside world may hold the server to. */
export interface Ledger {
  /** By TEK. */
  readonly acknowledged: Map<string, LedgerKey>;
  /**
   * Report types of publishes whose outcome is unknown, by TEK: never answered, 503 to the end, or accepted only in
   * part. Exports may show them or not.
   */
  readonly unknown: Map<string, Set<ReportType>>;
}

/** What one publish said, besides the phone's keys. */
export interface LedgerEntry {
  readonly phone: Phone;
  readonly answer: PublishAnswer;
  readonly reportType: ReportType;
  /** Regions in which the server publishes this phone's keys. */
  readonly regions: readonly string[];
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** An empty ledger. */
export function aLedger(): Ledger {
  return { acknowledged: new Map(), unknown: new Map() };
}

/** Enters what came of a publish. A refusal (any 4xx) enters nothing. */
export function enter(ledger: Ledger, entry: LedgerEntry): void {
  const fate = fateOf(entry);
  if (fate === "refused") return;
  for (const key of entry.phone.keys) {
    if (fate === "unknown") addUnknown(ledger, key.key, entry.reportType);
    else
      acknowledge(ledger, entry, { tek: key.key, start: key.rollingStartNumber, period: key.rollingPeriod });
  }
}

/**
 * A 400 after a lost attempt may be about what that attempt stored, so it proves nothing. An answer with warnings
 * or a partial failure doesn't say which keys were kept, and a first report of `negative` stores nothing.
 */
function fateOf({ answer }: LedgerEntry): "acknowledged" | "refused" | "unknown" {
  const complete = answer.body?.code === undefined && answer.body?.warnings === undefined;
  if (answer.status === 200) return complete ? "acknowledged" : "unknown";
  const lastAnswered = answer.attempts.at(-1)?.outcome === "answered";
  const onlyAttempt = answer.attempts.length === 1 && lastAnswered;
  return onlyAttempt && answer.status >= 400 && answer.status < 500 ? "refused" : "unknown";
}

function acknowledge(
  ledger: Ledger,
  entry: LedgerEntry,
  key: { tek: string; start: number; period: number },
): void {
  const { reportType, regions, nowMs, phone } = entry;
  const before = ledger.acknowledged.get(key.tek);
  if (before === undefined && reportType === "negative") return;
  if (before !== undefined) {
    if (before.reportType !== reportType)
      ledger.acknowledged.set(key.tek, { ...before, revised: reportType });
    return;
  }
  const first = { ...key, reportType, regions, traveler: phone.traveler, acknowledgedAtMs: nowMs };
  ledger.acknowledged.set(key.tek, first);
}

function addUnknown(ledger: Ledger, tek: string, reportType: ReportType): void {
  const reportTypes = ledger.unknown.get(tek) ?? new Set();
  ledger.unknown.set(tek, reportTypes.add(reportType));
}
