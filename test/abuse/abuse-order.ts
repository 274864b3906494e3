/** What an abuser is told to do, and how many connections it keeps at it. */
export interface AbuseOrder {
  readonly kind: AbuseKind;
  readonly port: number;
  readonly connections: number;
  /** Sound publishes, for bursts: everybody sends one at the same time, again and again. */
  readonly bodies?: readonly string[];
}

export type AbuseKind = "idle connections" | "slow readers" | "endless bodies" | "header floods" | "bursts";

/** What has come of it so far. */
export interface AbuseTally {
  /** Connections that are open now, and those that were. */
  readonly open: number;
  readonly opened: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers 503 that do not say when to come again. */
  readonly refusedWithoutTime: number;
}
