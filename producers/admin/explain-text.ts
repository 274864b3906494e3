import type { ExportWindow } from "../../shared/exports/window.js";
import type { Batch } from "../../shared/view/batches.js";
import type { BatchExplanation } from "./explain-batch.js";
import type { ExportOfKey, KeyExplanation, Listing } from "./explain-key.js";
import { details, listText, timeText } from "./print.js";

/** What is known of a key, without the key. */
export function keyText({ hash, key, places, exports }: KeyExplanation, nowSeconds: number): string {
  const { revision } = key;
  const held = places.inserted !== undefined && places.inserted.releaseSeconds > nowSeconds;
  const pairs: [string, string][] = [
    ["key", `SHA-256 ${hash}…`],
    ["stored", `since ${timeText(key.createdAtSeconds)}, ${key.reportType || "no report type"}`],
    ["regions", `${listText(key.regions)}${key.traveler ? ", a traveler's" : ""}`],
    ...(revision === undefined
      ? []
      : [["revised", `${timeText(revision.revisedAtSeconds)}, ${revision.reportType}`] as [string, string]]),
    ...(held
      ? [
          [
            "held back",
            `until ${timeText(places.inserted?.releaseSeconds ?? 0)}: until then it is usable on air`,
          ] as [string, string],
        ]
      : []),
    ...exports.map((one): [string, string] => [
      `export ${one.configurationId}`,
      `${one.record === "revised" ? "revision: " : ""}${situationText(one, nowSeconds)}`,
    ]),
    ...(exports.length === 0 ? [["exports", "there is none"] as [string, string]] : []),
  ];
  return details(pairs);
}

/** How far a window has come. */
export function batchText(explanation: BatchExplanation, nowSeconds: number): string {
  const { configurationId, window, batch, waitsFor } = explanation;
  const pairs: [string, string][] = [
    ["export", configurationId],
    ["window", spanText(window)],
    ["state", batch?.state ?? "not planned"],
    ...(batch === undefined ? [] : [["settings", `version ${batch.settingsVersion}`] as [string, string]]),
    ["why", whyText(explanation, nowSeconds)],
    ...(waitsFor.length === 0
      ? []
      : [
          ["waits for", `the windows that end ${waitsFor.map((end) => timeText(end)).join(", ")}`] as [
            string,
            string,
          ],
        ]),
    ...(batch?.files ?? []).map((file): [string, string] => [
      "file",
      `${file.objectName}, ${file.keys} keys, ${file.revisedKeys} revised`,
    ]),
    ...(batch?.ranges ?? []).map((range): [string, string] => [
      "range",
      `${range.topic}/${range.partition} from ${range.startOffset} to ${range.endOffset}`,
    ]),
  ];
  return details(pairs);
}

function whyText({ batch, dueSeconds, withoutTick, waitsFor }: BatchExplanation, nowSeconds: number): string {
  if (batch?.state === "published")
    return batch.files.length === 0 ? "it is done, and held no keys: there is no file" : "it is done";
  if (batch?.state === "built") return "its files are there; it is published when all earlier windows are";
  if (batch?.state === "planned") return tryingText(waitsFor.length > 0);
  if (dueSeconds > nowSeconds) return `it is not due before ${timeText(dueSeconds)}`;
  if (withoutTick.length > 0)
    return `it is due, but no tick for its end was read in ${withoutTick.map(({ topic, partition }) => `${topic}/${partition}`).join(", ")}: look at the clock, and at the lag of export-window`;
  return "it is due and will be planned by the next look; if it stays so, look at export-window";
}

function tryingText(isBehindOthers: boolean): string {
  const how = "it is being built, or building it failed and is tried again: export-window's log says why";
  return isBehindOthers ? `${how}; it is published after all earlier windows` : how;
}

function situationText({ situation, listed, waitsForSeconds }: ExportOfKey, nowSeconds: number): string {
  switch (situation.kind) {
    case "not-in-log":
      return "its record is not in the log: retention took it, or the view is not of this log";
    case "before-first":
      return "never: it came before the first window of this export";
    case "ended":
      return "never: the export ends before";
    case "not-selected":
      return `never: settings version ${situation.settings.version} takes other regions, or leaves travelers' keys out or others`;
    case "ahead":
      return `${windowText(situation.window)}, ${aheadText(situation.dueSeconds, nowSeconds)}`;
    case "batch":
      return `${windowText(situation.batch)}, ${inBatchText(situation.batch, listed, waitsForSeconds)}`;
  }
}

function aheadText(dueSeconds: number, nowSeconds: number): string {
  return dueSeconds > nowSeconds
    ? `due ${timeText(dueSeconds)}`
    : `due since ${timeText(dueSeconds)} and not planned: see "tekstream explain batch"`;
}

function inBatchText(batch: Batch, listed: Listing | undefined, waitsForSeconds: number | undefined): string {
  if (batch.state === "planned") return "being built, or tried again";
  if (batch.state === "built")
    return `built; waits for the window that ends ${timeText(waitsForSeconds ?? 0)}`;
  switch (listed?.kind) {
    case "in":
      return `published in ${listed.objectName}`;
    case "gone":
      return `published, and ${listed.objectName} is no longer there`;
    case "unsound":
      return `published, but ${listed.objectName} is not sound`;
    case "in-none":
    case undefined:
      return "published, but no file of the window lists it";
  }
}

function windowText(window: ExportWindow): string {
  return `window ${spanText(window)}`;
}

function spanText({ startSeconds, endSeconds }: ExportWindow): string {
  return `${timeText(startSeconds)} to ${timeText(endSeconds)}`;
}
