import { releaseSeconds } from "./embargo.js";
import { daysBetween, intervalNumber, truncate } from "./interval.js";
import type { KeyLimits } from "./key-limits.js";
import { findOverlap } from "./overlap.js";
import type { PublishedKey } from "./publish-request.js";
import { backfilledRisk, type ReportType } from "./report-type.js";
import { chooseOnset, type SymptomOnset } from "./symptom-onset.js";
import { checkKey, type ValidKey } from "./valid-key.js";

/** What `transformPublish` works on. */
export interface TransformInput {
  /** In the order that the certificate check left (see `verifyCertificate`): messages count keys in it. */
  readonly keys: readonly PublishedKey[];
  /** The phone's; 0 is none. */
  readonly symptomOnsetInterval: number;
  /** From the certificate; undefined if none was verified. */
  readonly claims: { readonly reportType: ReportType; readonly symptomOnsetInterval: number } | undefined;
  readonly nowSeconds: number;
  readonly limits: KeyLimits;
}

/** The keys that may be stored, with what the phone is told and the statistics want. */
export interface TransformedPublish {
  readonly ok: true;
  /** Sorted by start and period. May be empty: every key was dropped with a warning. */
  readonly keys: readonly ValidKey[];
  /** The list of keys that were dropped as invalid; the answer's `error` with `partial_failure`. */
  readonly partialErrors: string | undefined;
  readonly warnings: readonly string[];
  readonly missingOnset: boolean;
  /** Age of the oldest key in UTC days; 0 if no key is left. */
  readonly oldestTekDays: number;
  /** UTC days from onset to the publish; 0 if the onset is missing. */
  readonly onsetToUploadDays: number;
}

/** The whole publish is refused (HTTP 400, `bad_request`). */
export interface RefusedTransform {
  readonly ok: false;
  /** Without the prefix `unable to read request data: `. */
  readonly message: string;
  readonly warnings: readonly string[];
}

/** Checks the keys of a publish and fills in what the certificate says (reference server facts, §2.3 to §2.8). */
export function transformPublish(input: TransformInput): TransformedPublish | RefusedTransform {
  const miscounted = checkCount(input.keys.length, input.limits.keysPerPublishMax);
  if (miscounted !== undefined) return { ok: false, message: miscounted, warnings: [] };
  const { symptomOnsetInterval, claims, nowSeconds, limits } = input;
  const onset = chooseOnset(symptomOnsetInterval, claims?.symptomOnsetInterval ?? 0, nowSeconds, limits);
  const { keys, errors, warnings } = sortOutKeys(input, onset);
  if (keys.length === 0 && errors.length > 0) return { ok: false, message: errorList(errors), warnings };
  keys.sort(byStartAndPeriod);
  const overlap = findOverlap(keys, limits.keysPerStartMax);
  if (overlap !== undefined) return { ok: false, message: overlap, warnings };
  const partialErrors = errors.length > 0 ? errorList(errors) : undefined;
  const { missingOnset, oldestTekDays, onsetToUploadDays } = figures(keys, onset, intervalNumber(nowSeconds));
  return { ok: true, keys, partialErrors, warnings, missingOnset, oldestTekDays, onsetToUploadDays };
}

function checkCount(count: number, countMax: number): string | undefined {
  if (count === 0) return "no exposure keys in publish request";
  if (count > countMax) return `too many exposure keys in publish: ${count}, max of ${countMax} is allowed`;
  return undefined;
}

function sortOutKeys({ keys, claims, nowSeconds, limits }: TransformInput, onset: SymptomOnset) {
  const sorted = { keys: [] as ValidKey[], errors: [] as string[], warnings: [] as string[] };
  const age = {
    endIntervalMin: intervalNumber(nowSeconds - limits.keyAgeSecondsMax),
    startIntervalMax: intervalNumber(nowSeconds),
  };
  keys.forEach((key, index) => {
    const checked = checkKey(key, age);
    if (typeof checked === "string") {
      sorted.errors.push(`key ${index} cannot be imported: ${checked}`);
      return;
    }
    const days = daysBetween(onset.interval, key.rollingStartNumber);
    if (Math.abs(days) > limits.onsetDaysMax) {
      sorted.warnings.push(onsetWarning(index, days, limits));
      return;
    }
    sorted.keys.push(validKey(key, checked, days, claims?.reportType ?? "", nowSeconds, limits));
  });
  return sorted;
}

function validKey(
  key: PublishedKey,
  checked: { tek: Buffer; risk: number },
  daysSinceOnset: number,
  reportType: ReportType,
  nowSeconds: number,
  limits: KeyLimits,
): ValidKey {
  const { rollingStartNumber: start, rollingPeriod } = key;
  const window = limits.truncateWindowSeconds;
  const release = limits.releaseStillValidKeys
    ? undefined
    : releaseSeconds(start + rollingPeriod, intervalNumber(nowSeconds), window);
  return {
    tek: checked.tek,
    rollingStartIntervalNumber: start,
    rollingPeriod,
    transmissionRisk: checked.risk === 0 ? backfilledRisk(reportType) : checked.risk,
    daysSinceOnset,
    reportType,
    createdAtSeconds: release ?? truncate(nowSeconds, window),
    embargoed: release !== undefined,
  };
}

// "Saving without this key" is the reference server's wording; phones show it to nobody, but tests may compare it.
function onsetWarning(index: number, days: number, limits: KeyLimits): string {
  return `key ${index} symptom onset is too large, ${Math.abs(days)} > ${limits.onsetDaysMax} - saving without this key`;
}

function errorList(errors: readonly string[]): string {
  const head = errors.length === 1 ? "1 error occurred:" : `${errors.length} errors occurred:`;
  return `${head}\n\t${errors.map((error) => `* ${error}`).join("\n\t")}\n\n`;
}

function byStartAndPeriod(a: ValidKey, b: ValidKey): number {
  return a.rollingStartIntervalNumber - b.rollingStartIntervalNumber || a.rollingPeriod - b.rollingPeriod;
}

function figures(keys: readonly ValidKey[], onset: SymptomOnset, now: number) {
  const oldest = keys[0];
  return {
    missingOnset: onset.missing,
    oldestTekDays: oldest === undefined ? 0 : daysBetween(oldest.rollingStartIntervalNumber, now),
    onsetToUploadDays: onset.missing ? 0 : daysBetween(onset.interval, now),
  };
}
