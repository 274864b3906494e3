import { settingsAt } from "../../shared/deployment/deployment.js";
import type { Deployment, ExportSettings } from "../../shared/deployment/deployment.js";
import type { BuiltExportFile } from "../../shared/exports/build-export.js";
import { parseExportObjectName } from "../../shared/exports/object-names.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import { RangeGone } from "../../shared/kafka/range-reader.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { PublishedRecord } from "../../shared/topology.js";
import { collectWindow, windowFiles, type WindowBuilder } from "../../shared/windows/build-window.js";
import type { WindowKeys } from "../../shared/windows/collect-window.js";
import type { WindowRange } from "../../shared/windows/window-ranges.js";
import { storeFile } from "../../shared/windows/store-file.js";
import type { BatchFile } from "../../shared/view/batches.js";
import { compareFiles, isWhatWasTold, type FileDifference } from "./compare-files.js";

// Reads     the log between a window's ticks, and the window's files in the object store
// Writes    when told: a file that is missing, under its name; a window whose content differs, under new names
// On duplicate    files that are there stay

export interface Rebuilder {
  readonly builder: WindowBuilder;
  readonly store: ObjectStore;
  readonly deployment: Deployment;
}

/** What became of one file of a window. */
export interface RebuiltFile {
  readonly objectName: string;
  readonly state: "same" | "missing" | "restored" | "different";
  readonly difference?: FileDifference;
}

/** What a replay found about one window. */
export interface RebuiltWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly keys: number;
  readonly files: readonly RebuiltFile[];
  /** Anything else that is not as it was told. */
  readonly problem?: string;
  /** Under new names, in the place of files whose content differs. */
  readonly generation?: readonly BatchFile[];
}

/** Where the files of a new generation get their names and times from: they must sort behind all that phones know. */
export interface RebuildOrder {
  readonly record: PublishedRecord;
  /** Publish what is missing. */
  readonly publish: boolean;
  /** Make the window anew under these times, if its content differs. */
  readonly generation?: ExportWindow;
}

/**
 * Builds a published window again from the log, and compares it with what lies in the store.
 * @throws {Unavailable} when a part is away.
 */
export async function rebuildWindow(rebuilder: Rebuilder, order: RebuildOrder): Promise<RebuiltWindow> {
  const { record } = order;
  const { startSeconds, endSeconds } = record;
  const settings = settingsOf(rebuilder.deployment, record);
  if (settings === undefined)
    return failed(record, `version ${record.configurationVersion} of its settings is not in the log`);
  const content = { startSeconds: record.contentStartSeconds || startSeconds, endSeconds };
  const ranges = rangesOf(record);
  const collect = async (): Promise<WindowKeys> => {
    const [keys] = await collectWindow(rebuilder.builder, { window: content, ranges }, [settings]);
    if (keys === undefined) throw new Error("a collector was made for each configuration");
    return keys;
  };
  const build = async (window: ExportWindow): Promise<AsyncIterable<BuiltExportFile> | "held"> => {
    const { deployment } = rebuilder;
    const signed = signedAs(deployment, record, window, settings);
    // What was published is not held again: its new times say nothing of how long its keys have waited.
    const holdRecordsMin = record.held ? settings.holdRecordsMin : 0;
    const wanted = {
      configurationId: record.exportConfigurationId,
      window,
      settings: { ...signed, holdRecordsMin },
      ranges,
      deployment,
    };
    const built = windowFiles(rebuilder.builder, wanted, await collect());
    return built.kind === "held" ? "held" : built.files;
  };
  try {
    const built = await build(namedWindow(record, content));
    if (built === "held") return { startSeconds, endSeconds, keys: 0, files: [] };
    if (record.held) return failed(record, "it was held, and is not now");
    const { files, keys } = await compareAll(rebuilder, order, built);
    const problem =
      files.length === record.files.length
        ? {}
        : { problem: `it has ${files.length} files now, and had ${record.files.length}` };
    const found = { startSeconds, endSeconds, keys, files, ...problem };
    if (order.generation === undefined || !differs(found)) return found;
    const anew = await build(order.generation);
    return anew === "held" ? found : { ...found, generation: await storeAll(rebuilder.store, anew) };
  } catch (error) {
    if (error instanceof RangeGone) return failed(record, `the log no longer holds it: ${error.message}`);
    throw error;
  }
}

/** Whether phones would read something else than the log says. */
export function differs({ files, problem }: Pick<RebuiltWindow, "files" | "problem">): boolean {
  const isOther = ({ difference }: RebuiltFile): boolean =>
    difference !== undefined && difference.kind !== "repacked";
  return problem !== undefined || files.some(isOther);
}

async function compareAll(
  { store }: Rebuilder,
  { publish, record }: RebuildOrder,
  built: AsyncIterable<BuiltExportFile>,
): Promise<{ files: RebuiltFile[]; keys: number }> {
  const files: RebuiltFile[] = [];
  let keys = 0;
  for await (const file of built) {
    const { objectName } = file;
    keys += file.keyCount + file.revisedKeyCount;
    const stored = await store.get(objectName);
    if (stored === undefined) {
      if (publish) await storeFile(store, file);
      files.push({ objectName, state: publish ? "restored" : "missing" });
      continue;
    }
    const told = record.files.find((one) => one.objectName === objectName);
    const difference = isWhatWasTold(stored.bytes, file, told)
      ? undefined
      : compareFiles(stored.bytes, (await file.pack()).zip);
    files.push({
      objectName,
      ...(difference === undefined ? { state: "same" } : { state: "different", difference }),
    });
  }
  return { files, keys };
}

async function storeAll(store: ObjectStore, built: AsyncIterable<BuiltExportFile>): Promise<BatchFile[]> {
  const files: BatchFile[] = [];
  for await (const file of built) files.push(await storeFile(store, file));
  return files;
}

/** The times in the names of the window's files: a replay may have given it later ones. */
function namedWindow({ files: [first] }: PublishedRecord, content: ExportWindow): ExportWindow {
  const name = parseExportObjectName(first?.objectName ?? "");
  return name === undefined ? content : { startSeconds: name.startSeconds, endSeconds: name.endSeconds };
}

/**
 * Files of a later generation are signed by whoever signs at the time in their names: phones may know the first keys no
 * more.
 */
function signedAs(
  { exportConfigurations }: Deployment,
  { exportConfigurationId, endSeconds }: PublishedRecord,
  window: ExportWindow,
  settings: ExportSettings,
): ExportSettings {
  const configuration = exportConfigurations.get(exportConfigurationId);
  if (window.endSeconds === endSeconds || configuration === undefined) return settings;
  const later = settingsAt(configuration, window.endSeconds) ?? settings;
  return { ...settings, signingKeyIds: later.signingKeyIds };
}

function settingsOf(
  { exportConfigurations }: Deployment,
  { exportConfigurationId, configurationVersion }: PublishedRecord,
): ExportSettings | undefined {
  const { versions = [] } = exportConfigurations.get(exportConfigurationId) ?? {};
  return versions.find(({ version }) => version === configurationVersion);
}

function rangesOf({ ranges }: PublishedRecord): WindowRange[] {
  return ranges.map(({ topic, partition, startOffset, endOffset, windowStartOffset }) => ({
    topic: topic ?? "",
    partition: partition ?? 0,
    startOffset: startOffset ?? 0,
    endOffset: endOffset ?? 0,
    windowStartOffset: windowStartOffset ?? 0,
  }));
}

function failed({ startSeconds, endSeconds }: PublishedRecord, problem: string): RebuiltWindow {
  return { startSeconds, endSeconds, keys: 0, files: [], problem };
}
