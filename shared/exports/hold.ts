import { nextWindow, type ExportWindow } from "./window.js";

/** The settings that let a window's keys wait for the next window. */
export interface HoldSettings {
  readonly periodSeconds: number;
  readonly thruSeconds: number | undefined;
  /** Windows with fewer keys are held; 0: none is. */
  readonly holdRecordsMin: number;
  /** A window that spans as long as this, held ones before it included, is held no longer. */
  readonly holdSecondsMax: number;
}

/**
 * Whether a window publishes no file, and the next one begins where it began. `window` begins where the first of the
 * held windows before it does. A window without any key holds nothing, so that the time of the next ones starts anew;
 * and the last window of a configuration is never held, for no other would take its keys.
 */
export function isHeld(
  settings: HoldSettings,
  window: ExportWindow,
  { keys, revisedKeys }: { readonly keys: number; readonly revisedKeys: number },
): boolean {
  if (keys + revisedKeys === 0 || keys >= settings.holdRecordsMin) return false;
  if (window.endSeconds - window.startSeconds >= settings.holdSecondsMax) return false;
  const { periodSeconds, thruSeconds } = settings;
  const rest = { firstTickSeconds: 0, fromSeconds: 0 };
  return nextWindow({ periodSeconds, thruSeconds, lastEndSeconds: window.endSeconds, ...rest }) !== undefined;
}
