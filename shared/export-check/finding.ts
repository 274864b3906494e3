/**
 * Everything that can be wrong with an export or its index, as a closed list that serves unchanged as a metric
 * label, a log field and a test's expectation. The prefix tells which layer refused: the zip container, the
 * protobuf wire, the window, a key, a signature, the index.
 */
export type FindingReason =
  | "zip_too_large"
  | "zip_end_missing"
  | "zip_trailing_bytes"
  | "zip_bytes_unaccounted"
  | "zip_header_malformed"
  | "zip_headers_disagree"
  | "zip_entries_wrong"
  | "zip_flags_unsupported"
  | "zip_method_unknown"
  | "zip_stored_with_descriptor"
  | "zip_entry_too_large"
  | "zip_inflate_failed"
  | "zip_size_wrong"
  | "zip_crc_wrong"
  | "header_wrong"
  | "protobuf_malformed"
  | "window_invalid"
  | "region_missing"
  | "batch_not_one_of_one"
  | "too_many_signature_infos"
  | "too_many_keys"
  | "key_length_wrong"
  | "keys_unsorted"
  | "key_repeated"
  | "rolling_period_out_of_range"
  | "rolling_start_implausible"
  | "transmission_risk_out_of_range"
  | "report_type_unknown"
  | "days_since_onset_out_of_range"
  | "unsigned"
  | "signature_info_malformed"
  | "signature_algorithm_unknown"
  | "signature_count_differs"
  | "signature_info_differs"
  | "public_key_unknown"
  | "signature_invalid"
  | "index_too_large"
  | "index_trailing_newline"
  | "index_line_malformed"
  | "index_roots_differ"
  | "index_unsorted"
  | "index_line_repeated";

/** One thing that is wrong: the reason, and a detail for people that holds no key bytes. */
export interface Finding {
  readonly reason: FindingReason;
  readonly detail: string;
}

/** Where findings are collected while a check goes on. */
export type Report = (reason: FindingReason, detail: string) => void;

/**
 * A finding after which reading can't go on. It never leaves this folder: the main functions turn it into a
 * finding.
 */
export class Unreadable extends Error {
  readonly finding: Finding;

  constructor(reason: FindingReason, detail: string) {
    super(`${reason}: ${detail}`);
    this.finding = { reason, detail };
  }
}

/** Stops reading for the given reason. */
export function unreadable(reason: FindingReason, detail: string): never {
  throw new Unreadable(reason, detail);
}

/**
 * Runs a check and returns its result with the findings, at most one a reason: a file with 500,000 bad keys
 * is described by one line.
 */
export function collectFindings<T>(check: (report: Report) => T): {
  result?: T;
  findings: readonly Finding[];
} {
  const findings = new Map<FindingReason, Finding>();
  const report: Report = (reason, detail) => {
    if (!findings.has(reason)) findings.set(reason, { reason, detail });
  };
  try {
    const result = check(report);
    return { result, findings: [...findings.values()] };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    report(error.finding.reason, error.finding.detail);
    return { findings: [...findings.values()] };
  }
}
