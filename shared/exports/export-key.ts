/** What a health authority said of a key. The empty string: nothing was said, and the export says nothing either. */
export type ExportReportType = "confirmed" | "likely" | "negative" | "user-report" | "";

/** One diagnosis key as phones shall read it from an export file. */
export interface ExportKey {
  /** Exactly 16 bytes. */
  readonly tek: Uint8Array;
  /** 0 to 8. In a revised key the revised value, which the caller has chosen. */
  readonly transmissionRisk: number;
  /** In intervals of 10 minutes since the Unix epoch. */
  readonly rollingStartIntervalNumber: number;
  /** In intervals of 10 minutes, 1 to 144. */
  readonly rollingPeriod: number;
  readonly reportType: ExportReportType;
  /** Undefined when unknown, which is not the same as 0. */
  readonly daysSinceOnset?: number | undefined;
}
