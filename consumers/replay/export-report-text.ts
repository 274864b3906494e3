import type { ByteRange, FileDifference, KeyDifferences } from "./compare-files.js";
import type { ExportReport } from "./export.js";
import type { IndexState } from "./restore-index.js";
import { differs, type RebuiltFile, type RebuiltWindow } from "./rebuild-window.js";

/** What a replay of exports found, for the operator. */
export function exportReportText(report: ExportReport): string {
  const { windows, seconds, indexes } = report;
  const keys = windows.reduce((sum, window) => sum + window.keys, 0);
  const files = windows.flatMap((window) => window.files);
  const count = (state: RebuiltFile["state"]): number => files.filter((file) => file.state === state).length;
  const perSecond = Math.round(keys / Math.max(seconds, 0.001));
  const lines = [
    `rebuilt: ${windows.length} windows, ${files.length} files, ${keys} keys in ${seconds.toFixed(1)} s (${perSecond} keys/s)`,
    `files: ${count("same")} the same, ${count("missing")} missing, ${count("restored")} restored, ${count("different")} different`,
    ...windows.flatMap(windowLines),
    ...[...indexes].flatMap(([name, state]) =>
      isIndexAsTold(state)
        ? []
        : [
            `${name}: ${state.missing.length} lines were missing, ${state.replaced.length} were of replaced files, ${state.extra.length} are of no published file`,
          ],
    ),
    isAsTold(report) ? "the exports are what the log says" : "the exports are not what the log says",
  ];
  return `${lines.join("\n")}\n`;
}

/** Whether everything lay as the log says, before anything was published. */
export function isAsTold({ windows, indexes }: ExportReport): boolean {
  const files = windows.flatMap((window) => window.files);
  const isWhole = files.every(({ state, difference }) => state === "same" || difference?.kind === "repacked");
  return (
    isWhole &&
    [...indexes.values()].every(isIndexAsTold) &&
    windows.every(({ problem }) => problem === undefined)
  );
}

/** Whether what differed was made anew, where something was published. */
export function isMended({ windows }: ExportReport): boolean {
  return windows.every((window) => !differs(window) || window.generation !== undefined);
}

function isIndexAsTold({ missing, replaced, extra }: IndexState): boolean {
  return missing.length + replaced.length + extra.length === 0;
}

function windowLines(window: RebuiltWindow): string[] {
  const { startSeconds, endSeconds, files, problem, generation } = window;
  const name = `window ${startSeconds}-${endSeconds}`;
  return [
    ...(problem === undefined ? [] : [`  ${name}: ${problem}`]),
    ...files.flatMap(({ objectName, state, difference }) =>
      state === "same" ? [] : [`  ${objectName}: ${difference ? differenceText(difference) : state}`],
    ),
    ...(generation === undefined
      ? []
      : [`  ${name}: made anew as ${generation.map(({ objectName }) => objectName).join(", ")}`]),
    ...(generation === undefined && differs(window) && files.length > 0
      ? [`  ${name}: --publish makes it anew under other names`]
      : []),
  ];
}

function differenceText(difference: FileDifference): string {
  switch (difference.kind) {
    case "unreadable":
      return `can't be read (${difference.reason}); the zip differs in bytes ${rangesText(difference.zipBytes)}`;
    case "repacked":
      return `the same content, packed or signed in another way; the zip differs in bytes ${rangesText(difference.zipBytes)}`;
    case "content":
      return [
        `export.bin differs in bytes ${rangesText(difference.binBytes)}`,
        `keys: ${keysText(difference.keys)}`,
        `revised keys: ${keysText(difference.revisedKeys)}`,
      ].join("; ");
  }
}

function keysText({ missing, extra, changed, samples }: KeyDifferences): string {
  const hashes =
    samples.length === 0 ? "" : ` (SHA-256 of TEKs ${samples.map((hash) => `${hash}…`).join(", ")})`;
  return `${missing} missing, ${extra} extra, ${changed} changed${hashes}`;
}

function rangesText(ranges: readonly ByteRange[]): string {
  return ranges.map(({ from, to }) => (to === from + 1 ? String(from) : `${from}-${to - 1}`)).join(", ");
}
