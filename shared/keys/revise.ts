import { backfilledRisk, isTransitionAllowed, type ReportType } from "./report-type.js";
import type { StoredKey, StoredRevision } from "./stored-key.js";

/** What comes in for a key that is already stored. */
export interface IncomingRevision {
  readonly reportType: ReportType;
  /** 0 is filled in from the new report type. */
  readonly transmissionRisk: number;
  readonly daysSinceOnset?: number;
  /** As computed for the incoming key, embargo included (unix seconds). */
  readonly createdAtSeconds: number;
  readonly healthAuthorityId?: string;
  /** Proof of the submission (16 bytes). */
  readonly revisedBy: Buffer;
  /** The partner or foreign export that it is from; absent for a publish. */
  readonly source?: string;
}

export type RevisionRefusal =
  | "key_already_revised"
  | "invalid_report_type_transition"
  | "key_not_local"
  | "key_from_another_source";

export type ReviseResult =
  | { readonly kind: "unchanged" }
  | { readonly kind: "revised"; readonly revision: StoredRevision }
  | { readonly kind: "refused"; readonly code: RevisionRefusal; readonly message: string };

/**
 * Decides what an incoming key does to the stored one with the same TEK (reference server facts, §4.5). The same report
 * type again, or the same revision again, changes nothing and is no error; otherwise a key can be revised once.
 */
export function revise(stored: StoredKey, incoming: IncomingRevision): ReviseResult {
  const to = incoming.reportType;
  if (to === stored.reportType || to === stored.revision?.reportType) return { kind: "unchanged" };
  if (stored.provenance !== "local" && (stored.source === undefined || stored.source !== incoming.source)) {
    return refuseForeign(stored);
  }
  if (stored.revision !== undefined) {
    return refuse("key_already_revised", "key has already been revised and cannot be revised again");
  }
  // A key published without a certificate may be revised as if it had been likely.
  if (!isTransitionAllowed(stored.reportType === "" ? "likely" : stored.reportType, to)) {
    const transition = `cannot transition from "${stored.reportType}" to "${to}"`;
    return refuse("invalid_report_type_transition", `invalid report type transition: ${transition}`);
  }
  return { kind: "revised", revision: revisionOf(incoming) };
}

function revisionOf(incoming: IncomingRevision): StoredRevision {
  const { reportType, transmissionRisk, daysSinceOnset, healthAuthorityId } = incoming;
  return {
    reportType,
    transmissionRisk: transmissionRisk === 0 ? backfilledRisk(reportType) : transmissionRisk,
    ...(daysSinceOnset === undefined ? {} : { daysSinceOnset }),
    revisedAtSeconds: incoming.createdAtSeconds,
    ...(healthAuthorityId === undefined ? {} : { healthAuthorityId }),
    revisedBy: incoming.revisedBy,
  };
}

// The misspelling is the reference server's.
function refuseForeign({ source }: StoredKey): ReviseResult {
  return source === undefined
    ? refuse("key_not_local", "key not origionally uploaded to this server, cannot revise")
    : refuse("key_from_another_source", "key cannot be revised by a different federation query");
}

function refuse(code: RevisionRefusal, message: string): ReviseResult {
  return { kind: "refused", code, message };
}
