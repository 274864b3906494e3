import type { ReportType } from "./report-type.js";

/** How a key came here: published to this server, pulled from a partner, or taken from a foreign export. */
export type Provenance = "local" | "federated" | "imported";

/** The one revision that a key may have (reference server facts, §4.5). */
export interface StoredRevision {
  readonly reportType: ReportType;
  readonly transmissionRisk: number;
  readonly daysSinceOnset?: number;
  /** Unix seconds, truncated; or the release time, if the key was still held back when it was revised. */
  readonly revisedAtSeconds: number;
  readonly healthAuthorityId?: string;
  /** Proof of the submission that revised the key (16 bytes). */
  readonly revisedBy: Buffer;
}

/** A key as the view holds it. A revision stands beside the original values, which stay. */
export interface StoredKey {
  /** 16 bytes. */
  readonly tek: Buffer;
  readonly rollingStartIntervalNumber: number;
  readonly rollingPeriod: number;
  readonly reportType: ReportType;
  readonly transmissionRisk: number;
  readonly daysSinceOnset?: number;
  /** Upper case. */
  readonly regions: readonly string[];
  readonly traveler: boolean;
  /** Name of the authorized app, lower case. */
  readonly app: string;
  readonly healthAuthorityId?: string;
  /** Unix seconds, truncated, or the release time of an embargoed key. */
  readonly createdAtSeconds: number;
  /** When the key and its revision may leave (unix seconds), if the key was embargoed; else they never wait. */
  readonly releaseSeconds?: number;
  readonly provenance: Provenance;
  /** Which partner or foreign export the key is from; absent if local. */
  readonly source?: string;
  /** Proof of the submission that inserted the key (16 bytes). */
  readonly insertedBy: Buffer;
  readonly revision?: StoredRevision;
}
