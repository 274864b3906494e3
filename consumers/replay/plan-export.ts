import { parseExportObjectName } from "../../shared/exports/object-names.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { PublishedRecord } from "../../shared/topology.js";
import type { IndexPlan } from "./restore-index.js";
import type { ToldWindows } from "./told-windows.js";

/** The windows that end after `fromSeconds` and not after `toSeconds`. */
export function windowsBetween(
  windows: readonly PublishedRecord[],
  fromSeconds: number,
  toSeconds: number,
): readonly PublishedRecord[] {
  return windows.filter(({ endSeconds }) => endSeconds > fromSeconds && endSeconds <= toSeconds);
}

/** What each index should hold, by all windows of the configuration. */
export function indexPlans(
  { windows, replaced }: ToldWindows,
  indexRetentionSeconds: number,
): readonly IndexPlan[] {
  const lastEndSeconds = windows.at(-1)?.endSeconds ?? 0;
  const oldestStartSeconds = lastEndSeconds - indexRetentionSeconds;
  const names = [...new Set(windows.map(({ indexObjectName }) => indexObjectName))];
  return names.map((name) => ({
    name,
    replaced,
    oldestStartSeconds,
    lastEndSeconds,
    lines: windows
      .filter(({ indexObjectName }) => indexObjectName === name)
      .flatMap(({ files }) => files.map(({ objectName }) => objectName ?? ""))
      .filter((line) => (parseExportObjectName(line)?.startSeconds ?? 0) >= oldestStartSeconds),
  }));
}

/**
 * Times for new generations of windows, one after the other. Names with them sort behind every line that a phone may
 * have seen, and before those of the next window; and no file has them as its times, for phones take a file with times
 * that they know for one that they have. Nor has one of the objects that are `present`: a replay that died may have put
 * another window's files there, and told nobody.
 */
export function generationTimes(
  windows: readonly PublishedRecord[],
  present: readonly string[],
): (files: number) => ExportWindow {
  const parsed = (name: string) => parseExportObjectName(name) ?? [];
  const told = windows.flatMap(({ files }) => files.flatMap(({ objectName }) => parsed(objectName ?? "")));
  const startSeconds = Math.max(0, ...told.map((name) => name.startSeconds));
  // What begins later is of the window that is on its way.
  const untold = present.flatMap(parsed).filter((name) => name.startSeconds <= startSeconds);
  // Each of several files of a window has an end of its own, in its content: that of the window and its number.
  const ends = [...told, ...untold].map(({ endSeconds, fileNumber }) => endSeconds + fileNumber);
  let usedSeconds = Math.max(0, ...ends);
  return (files) => {
    const endSeconds = usedSeconds + 1;
    usedSeconds = endSeconds + files;
    return { startSeconds, endSeconds };
  };
}
