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

/** Those of which the clean-up has not taken files back: their end, by themselves or by a file's name, is not older. */
export function windowsKept(
  windows: readonly PublishedRecord[],
  oldestSeconds: number,
): readonly PublishedRecord[] {
  return windows.filter((window) =>
    [window, ...namesOf(window).flatMap(parsed)].some(({ endSeconds }) => endSeconds >= oldestSeconds),
  );
}

/** What each index should hold, by all windows of the configuration: lines that begin at `oldestStartSeconds` or later. */
export function indexPlans(
  { windows, replaced }: ToldWindows,
  oldestStartSeconds: number,
): readonly IndexPlan[] {
  const lastEndSeconds = windows.at(-1)?.endSeconds ?? 0;
  const names = [...new Set(windows.map(({ indexObjectName }) => indexObjectName))];
  return names.map((name) => {
    const told = windows.filter(({ indexObjectName }) => indexObjectName === name).flatMap(namesOf);
    const isYoung = (line: string): boolean =>
      (parseExportObjectName(line)?.startSeconds ?? 0) >= oldestStartSeconds;
    return { name, replaced, oldestStartSeconds, lastEndSeconds, told, lines: told.filter(isYoung) };
  });
}

/**
 * Times for new generations of windows, one after the other. Names with them sort behind every line that a phone may
 * have seen, told of or `listed`, and before those of the next window; and no file has them as its times, for phones take a file with times
 * that they know for one that they have. Nor has one of the objects that are `present`: a replay that died may have put
 * another window's files there, and told nobody.
 */
export function generationTimes(
  windows: readonly PublishedRecord[],
  { listed, present }: { readonly listed: readonly string[]; readonly present: readonly string[] },
): (files: number) => ExportWindow {
  const told = [...windows.flatMap(namesOf), ...listed].flatMap(parsed);
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

function namesOf({ files }: PublishedRecord): string[] {
  return files.map(({ objectName }) => objectName ?? "");
}

/** For `flatMap`: what is no name of a file is left out. */
function parsed(name: string) {
  return parseExportObjectName(name) ?? [];
}
