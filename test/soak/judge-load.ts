/** What the system had to do, and did. */
export interface Load {
  /** Publishes asked for a second, and for how many seconds it really took to send them. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly periodSeconds: number;
  /** Final answers by status; 0 is no answer. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly windowsPublished: number;
}

/** Of the rate that was asked for. */
const rateShareMin = 0.9;
/** Of the windows that ended meanwhile; the first begins somewhen, and the last is still on its way. */
const windowsShareMin = 0.5;

/** Why flat figures would tell nothing: the load was not what it should have been. Nothing if it was. */
export function shortcomings(load: Load): readonly string[] {
  const { perSecond, seconds, periodSeconds, statuses, windowsPublished } = load;
  const found: string[] = [];
  const others = Object.keys(statuses).filter((status) => status !== "200");
  if (others.length > 0) found.push(`not all publishes were accepted, some were answered ${others.join()}`);
  const rate = (statuses[200] ?? 0) / seconds;
  if (!(rate >= perSecond * rateShareMin))
    found.push(`${rate.toFixed(1)} publishes a second were accepted, not ${perSecond}`);
  const windows = Math.floor(seconds / periodSeconds);
  if (windowsPublished < Math.max(1, windows * windowsShareMin))
    found.push(`${windowsPublished} windows were published, not about ${windows}`);
  return found;
}
