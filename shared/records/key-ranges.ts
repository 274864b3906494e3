// The ranges that phones accept in an export. Facts, §6.6 and §6.7.

const intervalsPerDay = 144;
const transmissionRiskMax = 8;
const onsetDaysMax = 14;

/** When a key was used; the fields of a message may be absent. */
interface Span {
  readonly rollingStartIntervalNumber?: number | null;
  readonly rollingPeriod?: number | null;
}

/** What a diagnosis says of a key. */
interface Risk {
  readonly transmissionRisk?: number | null;
  readonly daysSinceOnset?: number | null;
}

/** A span of at most a day, after the epoch. */
export function hasSoundSpan({ rollingStartIntervalNumber, rollingPeriod }: Span): boolean {
  const period = rollingPeriod ?? 0;
  return (rollingStartIntervalNumber ?? 0) >= 1 && period >= 1 && period <= intervalsPerDay;
}

export function hasSoundRisk({ transmissionRisk, daysSinceOnset }: Risk): boolean {
  const risk = transmissionRisk ?? 0;
  return risk >= 0 && risk <= transmissionRiskMax && Math.abs(daysSinceOnset ?? 0) <= onsetDaysMax;
}
