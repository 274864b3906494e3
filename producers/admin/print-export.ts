import type { ExportVersionView, ExportView } from "./deployment-view.js";
import { details, durationText, listText, table, timeText } from "./print.js";
import { travelersText } from "./print-deployment.js";

/** The newest settings of an export, and the versions before them. */
export function exportText({ id, versions }: ExportView): string {
  const last = versions.at(-1);
  if (last === undefined) return details([["id", id]]);
  return `${details([["id", id], ...settingsOf(last)])}\n${versionTable(versions)}`;
}

function settingsOf(version: ExportVersionView): [string, string][] {
  return [
    ["version", String(version.version)],
    ["filename root", version.filenameRoot],
    ["period", durationText(version.periodSeconds)],
    ["output region", version.outputRegion],
    ["input regions", listText(version.inputRegions, "the output region")],
    ["excluded regions", listText(version.excludeRegions)],
    ["travelers", travelersText(version)],
    ["from", timeText(version.fromSeconds)],
    ["thru", timeText(version.thruSeconds)],
    ["keys in a file", `at most ${version.recordsPerFileMax}`],
    ["padded", paddingText(version)],
    ["held", holdText(version)],
    ["signing keys", listText(version.signingKeyIds, "none: phones refuse the files")],
  ];
}

function paddingText({ paddingRecordsMin, paddingRecordsRange }: ExportVersionView): string {
  if (paddingRecordsMin === 0) return "never";
  return `below ${paddingRecordsMin} keys, to ${paddingRecordsMin} to ${paddingRecordsMin + paddingRecordsRange}`;
}

function holdText({ holdRecordsMin, holdSecondsMax }: ExportVersionView): string {
  return holdRecordsMin === 0
    ? "never"
    : `below ${holdRecordsMin} keys, until ${durationText(holdSecondsMax)}`;
}

function versionTable(versions: readonly ExportVersionView[]): string {
  const rows = versions.map((version) => [
    String(version.version),
    version.effectiveAtSeconds === 0 ? "the beginning" : timeText(version.effectiveAtSeconds),
    durationText(version.periodSeconds),
    listText(version.signingKeyIds),
  ]);
  return table(["VERSION", "WINDOWS THAT END FROM", "PERIOD", "SIGNING KEYS"], rows, "");
}
