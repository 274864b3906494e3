import { exportLimits } from "../export-check/export-limits.js";
import { embargoedBelongs } from "../exports/embargo.js";
import type { ExportKey } from "../exports/export-key.js";
import { PackedKeys } from "../exports/packed-keys.js";
import { selector } from "../exports/select.js";
import type { ExportWindow } from "../exports/window.js";
import type { ExportSettings } from "../deployment/deployment.js";
import { checkKeyRecords } from "../records/key-record.js";
import { PlainKeys } from "../records/plain-keys.js";
import { reportTypeOf } from "../records/report-type-number.js";
import { keysAccepted, keysEmbargoed, type AcceptedRecord } from "../topology.js";

const noBytes = new Uint8Array();
const intervalSeconds = 600;

type KeyMessage = AcceptedRecord["inserted"][number];
type KeyOrigin = AcceptedRecord["origins"][number];

/** What a window holds for one configuration. */
export interface WindowKeys {
  readonly keys: PackedKeys;
  readonly revisedKeys: PackedKeys;
}

/** Which part of which topic a record was read from. */
export interface RecordPlace {
  readonly topic: string;
  readonly offset: number;
  /** Where the window's own records begin in this partition. */
  readonly windowStartOffset: number;
}

/** Gathers the keys of a window from the records of its ranges, in any order of the partitions. */
export function windowCollector(
  window: ExportWindow,
  settings: ExportSettings,
): { add(payload: Uint8Array, place: RecordPlace): void; readonly collected: WindowKeys } {
  const collected: WindowKeys = { keys: new PackedKeys(), revisedKeys: new PackedKeys() };
  const inputRegions = settings.inputRegions.length > 0 ? settings.inputRegions : [settings.outputRegion];
  const isSelected = selector({ ...settings, inputRegions });
  const takes = (origin: KeyOrigin | undefined): boolean =>
    origin !== undefined && isSelected({ regions: origin.regions ?? [], traveler: origin.traveler ?? false });
  return {
    collected,
    add(payload, place) {
      if (addPlain(payload, place)) return;
      const record = readRecord(payload);
      if (record !== undefined) addRecord(record, place);
    },
  };

  /** False when the record is not plain; then nothing of it was added. */
  function addPlain(payload: Uint8Array, place: RecordPlace): boolean {
    const { keys, revisedKeys } = collected;
    const before = [keys.count, revisedKeys.count] as const;
    const read = new PlainKeys(payload);
    const selected: boolean[] = [];
    while (read.next()) {
      for (let origin = selected.length; origin < read.origins.length; origin++)
        selected.push(takes(read.origins[origin]));
      const { first, revision, isRevised, releaseSeconds, rollingStartIntervalNumber: start } = read;
      const origin = (isRevised ? revision.origin : undefined) ?? first.origin ?? 0;
      const belongs =
        selected[origin] === true &&
        belongsToWindow(window, place, releaseSeconds) &&
        isOfItsTime(window, start);
      if (!belongs) continue;
      const { transmissionRisk, reportType, daysSinceOnset } = isRevised ? revision : first;
      (isRevised ? revisedKeys : keys).addFrom(read, {
        rollingStartIntervalNumber: start,
        rollingPeriod: read.rollingPeriod,
        transmissionRisk,
        reportType: reportTypeOf(reportType) ?? "",
        daysSinceOnset,
      });
    }
    if (read.isPlain) return true;
    keys.backTo(before[0]);
    revisedKeys.backTo(before[1]);
    return false;
  }

  function addRecord(record: AcceptedRecord, place: RecordPlace): void {
    if (record.tick || checkKeyRecords(record) !== undefined) return;
    const belongs = (key: KeyMessage): boolean =>
      takes(record.origins[key.revision?.origin ?? key.origin ?? 0]) &&
      belongsToWindow(window, place, key.releaseSeconds ?? 0) &&
      isOfItsTime(window, key.rollingStartIntervalNumber ?? 0);
    for (const key of record.inserted) if (belongs(key)) collected.keys.add(asInserted(key));
    for (const key of record.revised) if (belongs(key)) collected.revisedKeys.add(asRevised(key));
  }
}

function readRecord(payload: Uint8Array): AcceptedRecord | undefined {
  try {
    return keysAccepted.codec.decode(payload);
  } catch {
    return undefined;
  }
}

/**
 * A key that is much too old or of the future is of no use to phones, and would make them refuse the whole file. It is
 * left out, but not its record, which may hold the keys of many others.
 */
function isOfItsTime({ startSeconds, endSeconds }: ExportWindow, start: number): boolean {
  const oldest = Math.floor(startSeconds / intervalSeconds) - exportLimits.keyAgeDaysMax * 144;
  const newest = Math.floor(endSeconds / intervalSeconds) + exportLimits.keyAheadIntervalsMax;
  return start >= oldest && start <= newest;
}

function belongsToWindow(window: ExportWindow, place: RecordPlace, releaseSeconds: number): boolean {
  if (place.topic !== keysEmbargoed.topic) return true;
  const position = place.offset < place.windowStartOffset ? "before-start" : "inside";
  return embargoedBelongs(window, position, releaseSeconds);
}

function asInserted(key: KeyMessage): ExportKey {
  return {
    ...identityOf(key),
    transmissionRisk: key.transmissionRisk ?? 0,
    reportType: reportTypeOf(key.reportType ?? 0) ?? "",
    daysSinceOnset: key.daysSinceOnset ?? undefined,
  };
}

/** The revised values, the transmission risk among them, which the reference server forgets. Facts, §6.6. */
function asRevised(key: KeyMessage): ExportKey {
  return {
    ...identityOf(key),
    transmissionRisk: key.revision?.transmissionRisk ?? 0,
    reportType: reportTypeOf(key.revision?.reportType ?? 0) ?? "",
    daysSinceOnset: key.revision?.daysSinceOnset ?? undefined,
  };
}

function identityOf(
  key: KeyMessage,
): Pick<ExportKey, "tek" | "rollingStartIntervalNumber" | "rollingPeriod"> {
  return {
    tek: key.tek ?? noBytes,
    rollingStartIntervalNumber: key.rollingStartIntervalNumber ?? 0,
    rollingPeriod: key.rollingPeriod ?? 0,
  };
}
