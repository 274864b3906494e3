import { isDue, nextWindow, type ExportWindow } from "../exports/window.js";
import type { ExportConfiguration, ExportSettings } from "./deployment.js";

export interface PlannedWindow extends ExportWindow {
  readonly settings: ExportSettings;
}

/**
 * The next window of a configuration, with the settings that apply to it: the newest that were in effect when the
 * window, as these settings cut it, ended. Undefined when there is none, or when its time has not come.
 */
export function nextDueWindow(input: {
  configuration: ExportConfiguration;
  lastEndSeconds: number | undefined;
  firstTickSeconds: number;
  nowSeconds: number;
  minWindowAgeSeconds: number;
}): PlannedWindow | undefined {
  const { configuration, nowSeconds, minWindowAgeSeconds } = input;
  for (const settings of configuration.versions.toReversed()) {
    const window = nextWindow({ ...settings, ...input, thruSeconds: undefined });
    if (window === undefined || window.endSeconds < settings.effectiveAtSeconds) continue;
    // Settings that end the configuration apply as well: older ones without an end must not go on in their place.
    if (settings.thruSeconds !== undefined && window.endSeconds > settings.thruSeconds) return undefined;
    return isDue(window, nowSeconds, minWindowAgeSeconds) ? { ...window, settings } : undefined;
  }
  return undefined;
}
