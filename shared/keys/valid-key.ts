import { decodeLenientBase64 } from "./lenient-base64.js";
import type { PublishedKey } from "./publish-request.js";
import type { ReportType } from "./report-type.js";

/** Bytes in a TEK. */
export const tekBytes = 16;

/** A key of a publish that keeps all rules, with what the certificate adds. */
export interface ValidKey {
  /** 16 bytes. */
  readonly tek: Buffer;
  readonly rollingStartIntervalNumber: number;
  /** Intervals, 1 to 144. */
  readonly rollingPeriod: number;
  /** 0 to 8, after backfill. */
  readonly transmissionRisk: number;
  /** Days from symptom onset to the key's start. */
  readonly daysSinceOnset: number;
  readonly reportType: ReportType;
  /** Unix seconds: the time of the publish, truncated, or the release time of an embargoed key. */
  readonly createdAtSeconds: number;
  /** The key was still usable on air when it came. */
  readonly embargoed: boolean;
}

/** The intervals that a key may touch. */
export interface KeyAge {
  /** A key must not end before this interval. */
  readonly endIntervalMin: number;
  /** A key must not start after this interval. */
  readonly startIntervalMax: number;
}

/**
 * The bytes of a key as sent, or which rule it breaks: the first in the reference server's order, in its words
 * (reference server facts, §2.4).
 */
export function checkKey(key: PublishedKey, age: KeyAge): { tek: Buffer; risk: number } | string {
  const decoded = decodeLenientBase64(key.key);
  if (!decoded.ok) return decoded.error;
  const tek = decoded.bytes;
  if (tek.length !== tekBytes) return `invalid key length, ${tek.length}, must be 16`;
  const broken = checkIntervals(key, age);
  if (broken !== undefined) return broken;
  const risk = key.transmissionRisk;
  if (risk < 0 || risk > 8) return `invalid transmission risk: ${risk}, must be >= 0 && <= 8`;
  return { tek, risk: Number(risk) };
}

function checkIntervals(key: PublishedKey, age: KeyAge): string | undefined {
  const { rollingStartNumber: start, rollingPeriod: period } = key;
  if (period < 1 || period > 144) return `invalid interval count, ${period}, must be >= 1 && <= 144`;
  const end = start + period;
  if (end < age.endIntervalMin) {
    return `key expires before minimum window; ${start} + ${period} = ${end} which is too old, must be >= ${age.endIntervalMin}`;
  }
  if (start > age.startIntervalMax) {
    return `interval number ${start} is in the future, must be <= ${age.startIntervalMax}`;
  }
  return undefined;
}
