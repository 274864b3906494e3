import { isDue, nextWindow, type ExportWindow } from "../exports/window.js";
import type { ExportConfiguration, ExportSettings } from "./deployment.js";

export interface PlannedWindow extends ExportWindow {
  readonly settings: ExportSettings;
}

/**
 * The next window of a configuration, with the settings that apply to it: the newest that were in effect when the
 * window, as these settings cut it, ended. Where those had ended the configuration, and later ones go on with it, the
 * first of these apply: what was accepted in between leaves late, but leaves. Undefined when there is none, or when its
 * time has not come.
 */
export function nextDueWindow(input: {
  configuration: ExportConfiguration;
  lastEndSeconds: number | undefined;
  firstTickSeconds: number;
  nowSeconds: number;
  minWindowAgeSeconds: number;
}): PlannedWindow | undefined {
  const { configuration, nowSeconds, minWindowAgeSeconds } = input;
  const planned = applying(configuration.versions.flatMap((settings) => cutOf(settings, input)));
  if (planned === undefined || planned.settings.effectiveAtSeconds > nowSeconds) return undefined;
  const { settings, window } = planned;
  return isDue(window, nowSeconds, minWindowAgeSeconds) ? { ...window, settings } : undefined;
}

/** A version of the settings, and the window that it would cut. */
interface Cut {
  readonly settings: ExportSettings;
  readonly window: ExportWindow;
}

function cutOf(
  settings: ExportSettings,
  from: { lastEndSeconds: number | undefined; firstTickSeconds: number },
): Cut[] {
  const window = nextWindow({ ...settings, ...from, thruSeconds: undefined });
  return window === undefined ? [] : [{ settings, window }];
}

function applying(cuts: readonly Cut[]): Cut | undefined {
  const newest = cuts.findLastIndex(
    ({ settings, window }) => window.endSeconds >= settings.effectiveAtSeconds,
  );
  // Settings that end the configuration apply as well: older ones without an end must not go on in their place.
  return newest === -1 ? undefined : cuts.slice(newest).find((cut) => !hasEnded(cut));
}

function hasEnded({ settings: { thruSeconds }, window }: Cut): boolean {
  return thruSeconds !== undefined && window.endSeconds > thruSeconds;
}
