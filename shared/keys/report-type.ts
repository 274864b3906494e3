/** What a health authority says of a diagnosis. The empty string: published without a certificate. */
export type ReportType = "confirmed" | "likely" | "negative" | "user-report" | "";

/** The report types that a certificate may claim (reference server facts, §3.3). */
export const certificateReportTypes = ["confirmed", "likely", "negative", "user-report"] as const;

/** Whether a claim is one of the report types that a certificate may carry. */
export function isCertificateReportType(claim: string): claim is Exclude<ReportType, ""> {
  return (certificateReportTypes as readonly string[]).includes(claim);
}

/**
 * The transmission risk of a key whose phone sent 0. A user report keeps 0, as the reference server leaves it
 * (reference server facts, §2.8).
 */
export function backfilledRisk(type: ReportType): number {
  return backfilledRisks[type];
}

/** Whether a stored key of type `from` may become `to` (reference server facts, §4.5, table of transitions). */
export function isTransitionAllowed(from: ReportType, to: ReportType): boolean {
  return allowedTransitions[from].includes(to);
}

const backfilledRisks: Record<ReportType, number> = {
  confirmed: 2,
  likely: 4,
  negative: 6,
  "user-report": 0,
  "": 0,
};

const allowedTransitions: Record<ReportType, readonly ReportType[]> = {
  likely: ["confirmed", "negative"],
  "user-report": ["confirmed", "likely", "negative"],
  confirmed: [],
  negative: [],
  "": [],
};
