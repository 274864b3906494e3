import { intervalNumber, intervalsPerDay } from "./interval.js";
import type { KeyLimits } from "./key-limits.js";

/** The day of symptom onset that a publish is counted from. */
export interface SymptomOnset {
  /** Interval number. */
  readonly interval: number;
  /** Neither phone nor certificate gave a usable one, so that the default was taken. */
  readonly missing: boolean;
}

/**
 * Chooses the symptom onset: the phone's, else the certificate's, else the default; an onset counts if it lies in the
 * past and not too far back (reference server facts, §2.7). Intervals; 0 is none.
 */
export function chooseOnset(
  fromPhone: number,
  fromCertificate: number,
  nowSeconds: number,
  limits: KeyLimits,
): SymptomOnset {
  const now = intervalNumber(nowSeconds);
  const today = now - (now % intervalsPerDay);
  const min = today - limits.onsetReportDaysMax * intervalsPerDay;
  for (const interval of [fromPhone, fromCertificate]) {
    if (interval >= min && interval < now) return { interval, missing: false };
  }
  return { interval: intervalNumber(nowSeconds - limits.onsetDefaultDays * 86_400), missing: true };
}
