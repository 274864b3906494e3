/** What a publish may hold (reference server facts, §10.1; the variables are the reference server's names). */
export interface KeyLimits {
  /** Keys in one request. MAX_KEYS_ON_PUBLISH. */
  readonly keysPerPublishMax: number;
  /** Keys with one start. MAX_SAME_START_INTERVAL_KEYS. */
  readonly keysPerStartMax: number;
  /** How long ago a key may have ended. MAX_INTERVAL_AGE_ON_PUBLISH; also trims revision tokens. */
  readonly keyAgeSecondsMax: number;
  /** Times are rounded down to this. TRUNCATE_WINDOW. */
  readonly truncateWindowSeconds: number;
  /** Days between symptom onset and a key's start, either way. MAX_SYMPTOM_ONSET_DAYS. */
  readonly onsetDaysMax: number;
  /** How many days ago a reported onset may be. MAX_VALID_SYMPTOM_ONSET_REPORT_DAYS. */
  readonly onsetReportDaysMax: number;
  /** Days before the publish at which onset is assumed if none is usable. DEFAULT_SYMPTOM_ONSET_DAYS_AGO. */
  readonly onsetDefaultDays: number;
  /** No embargo: keys still usable on air leave at once. Only for trials. DEBUG_RELEASE_SAME_DAY_KEYS. */
  readonly releaseStillValidKeys: boolean;
}

/** The reference server's defaults. */
export const defaultKeyLimits: KeyLimits = {
  keysPerPublishMax: 30,
  keysPerStartMax: 3,
  keyAgeSecondsMax: 15 * 24 * 3600,
  truncateWindowSeconds: 3600,
  onsetDaysMax: 14,
  onsetReportDaysMax: 28,
  onsetDefaultDays: 4,
  releaseStillValidKeys: false,
};
