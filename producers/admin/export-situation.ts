import type { ExportConfiguration, ExportSettings } from "../../shared/deployment/deployment.js";
import { nextDueWindow } from "../../shared/deployment/next-due-window.js";
import { selects, type Selectable } from "../../shared/exports/select.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { Batch } from "../../shared/view/batches.js";
import type { KeyPlace } from "./find-in-log.js";

/** What one export does with one record of a key. */
export type ExportSituation =
  /** Its record was not found in the log. */
  | { readonly kind: "not-in-log" }
  /** It came before the first window of the export. */
  | { readonly kind: "before-first" }
  /** The export has ended before. */
  | { readonly kind: "ended" }
  | { readonly kind: "not-selected"; readonly window: ExportWindow; readonly settings: ExportSettings }
  /** No window holds it yet. */
  | { readonly kind: "ahead"; readonly window: ExportWindow; readonly dueSeconds: number }
  | { readonly kind: "batch"; readonly batch: Batch };

export interface SituationInput {
  readonly configuration: ExportConfiguration;
  /** The window that holds the time of the record, and the latest one, if there are any. */
  readonly holding: Batch | undefined;
  readonly last: Batch | undefined;
  readonly key: Selectable;
  /** As `placeSeconds` gives it. */
  readonly atSeconds: number | undefined;
  readonly firstTickSeconds: number;
  readonly minWindowAgeSeconds: number;
}

const windowsAheadMax = 100_000;

/**
 * The time at which windows see a record: its last tick, or its release if that is later (unix seconds). One whose ticks
 * retention has deleted came before all windows that can be told of.
 */
export function placeSeconds({ boundarySeconds, releaseSeconds }: KeyPlace): number {
  return Math.max(boundarySeconds ?? 0, releaseSeconds);
}

export function exportSituation(input: SituationInput): ExportSituation {
  const { configuration, holding, last, key, atSeconds } = input;
  if (atSeconds === undefined) return { kind: "not-in-log" };
  if (holding !== undefined) {
    const settings = configuration.versions.find(({ version }) => version === holding.settingsVersion);
    if (settings !== undefined && !takes(settings, key))
      return { kind: "not-selected", window: windowOf(holding), settings };
    return { kind: "batch", batch: holding };
  }
  if (last !== undefined && atSeconds < last.endSeconds) return { kind: "before-first" };
  return aheadOf(input, atSeconds);
}

/** The window that will hold it, as it would be planned by what is configured now. */
function aheadOf(input: SituationInput, atSeconds: number): ExportSituation {
  const { configuration, key, firstTickSeconds, minWindowAgeSeconds } = input;
  let lastEndSeconds = input.last?.endSeconds;
  for (let planned = 0; planned < windowsAheadMax; planned++) {
    const times = { lastEndSeconds, firstTickSeconds, nowSeconds: Infinity, minWindowAgeSeconds };
    const next = nextDueWindow({ configuration, ...times });
    if (next === undefined) return { kind: "ended" };
    if (atSeconds < next.startSeconds) return { kind: "before-first" };
    if (atSeconds < next.endSeconds) {
      const window = windowOf(next);
      return takes(next.settings, key)
        ? { kind: "ahead", window, dueSeconds: next.endSeconds + minWindowAgeSeconds }
        : { kind: "not-selected", window, settings: next.settings };
    }
    lastEndSeconds = next.endSeconds;
  }
  throw new Error(`${configuration.id} has no window for ${atSeconds} among the next ${windowsAheadMax}`);
}

function takes(settings: ExportSettings, key: Selectable): boolean {
  const inputRegions = settings.inputRegions.length > 0 ? settings.inputRegions : [settings.outputRegion];
  return selects({ ...settings, inputRegions }, key);
}

function windowOf({ startSeconds, endSeconds }: ExportWindow): ExportWindow {
  return { startSeconds, endSeconds };
}
