import type { ReportType } from "../keys/report-type.js";

// The numbers of the export file's ReportType, used in every schema. Facts, §3.3 and §6.6.
const numbers = { "": 0, confirmed: 1, likely: 2, "user-report": 3, negative: 5 } as const satisfies Record<
  ReportType,
  number
>;
const names = new Map<number, ReportType>(
  Object.entries(numbers).map(([name, number]) => [number, name as ReportType]),
);

export type ReportTypeNumber = (typeof numbers)[ReportType];

/** The number of a report type in records. */
export function reportTypeNumber(reportType: ReportType): ReportTypeNumber {
  return numbers[reportType];
}

/** The report type of a number; undefined for numbers that records never carry. */
export function reportTypeOf(number: number): ReportType | undefined {
  return names.get(number);
}
