/** A key as the phone sent it; nothing but the JSON types has been checked (reference server facts, §1.3). */
export interface PublishedKey {
  /** Base64 of the TEK, exactly as sent: the tekmac covers this text. */
  readonly key: string;
  /** An int32. */
  readonly rollingStartNumber: number;
  /** An int32; absent is 0, which no key may have. */
  readonly rollingPeriod: number;
  /** A 64-bit integer; a bigint where a number would lose digits. Absent is 0. */
  readonly transmissionRisk: number | bigint;
}

/** The body of a publish; what the phone left out is empty, 0 or false (reference server facts, §1.3). */
export interface PublishRequest {
  readonly temporaryExposureKeys: readonly PublishedKey[];
  /** Name of the authorized app, in any letter case. */
  readonly healthAuthorityID: string;
  /** Verification certificate (a JWS). */
  readonly verificationPayload: string;
  /** Base64 of the phone's secret for the tekmac. */
  readonly hmacKey: string;
  /** Interval number; 0 is none. */
  readonly symptomOnsetInterval: number;
  readonly traveler: boolean;
  /** Base64 of the token from an earlier answer. */
  readonly revisionToken: string;
  readonly padding: string;
  /** Regions that the phone names; only v1alpha1 has them (reference server facts, §1.8). */
  readonly regions?: readonly string[];
}
