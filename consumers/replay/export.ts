import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import { parseIndex } from "../../shared/exports/index-file.js";
import { rootOfIndex } from "../../shared/exports/object-names.js";
import { NeedsOperator } from "../../shared/process/outcomes.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { exportsPublished, type Published, type PublishedRecord } from "../../shared/topology.js";
import type { BatchFile } from "../../shared/view/batches.js";
import { publishedFiles } from "../../shared/windows/told-batch.js";
import { generationTimes, indexPlans, windowsBetween, windowsKept } from "./plan-export.js";
import type { Passed } from "./progress-bar.js";
import { publishedRecords } from "./published-records.js";
import { compareIndex, restoreIndex, type IndexState } from "./restore-index.js";
import type { RebuildThreads } from "./rebuild-threads.js";
import { differs, type RebuiltWindow } from "./rebuild-window.js";
import { toldWindows } from "./told-windows.js";

export interface ExportOptions {
  readonly configurationId: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly publish: boolean;
}

export interface ExportParts {
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  readonly store: ObjectStore;
  readonly threads: RebuildThreads;
  readonly indexRetentionSeconds: number;
  readonly readSecondsMax: number;
  readonly onProgress: (passed: Passed) => void;
}

export interface ExportReport {
  readonly windows: readonly RebuiltWindow[];
  readonly seconds: number;
  /** By the index's name, as it was before anything was published. */
  readonly indexes: ReadonlyMap<string, IndexState>;
}

/**
 * Rebuilds the published windows of a configuration from the log and compares them with what lies in the object store.
 * When told to publish: files first, then exports.published where there is a new generation, then the index.
 * @throws {NeedsOperator} @throws {Unavailable}
 */
export async function replayExport(parts: ExportParts, options: ExportOptions): Promise<ExportReport> {
  const { store, threads } = parts;
  const told = toldWindows(await publishedRecords(parts, options.configurationId));
  // As the clean-up counts, whose time is that of the log: at most this one, so that it has taken no more.
  const oldestSeconds = Math.floor(Date.now() / 1000) - parts.indexRetentionSeconds;
  const between = windowsBetween(told.windows, options.fromSeconds, options.toSeconds);
  const wanted = windowsKept(between, oldestSeconds);
  if (between.length === 0)
    throw new NeedsOperator(
      `no window of ${options.configurationId} that ends in this time was published: "tekstream export list" names the configurations`,
    );
  if (wanted.length === 0)
    throw new NeedsOperator(
      `files of ${options.configurationId} that are so old are kept no longer (CLEANUP_TTL)`,
    );
  const startedAt = performance.now();
  let [done, keys] = [0, 0];
  const onDone = (window: RebuiltWindow): void => {
    [done, keys] = [done + 1, keys + window.keys];
    parts.onProgress({ done, of: wanted.length, what: "windows", keys });
  };
  const { publish } = options;
  const windows = await threads.rebuild(
    wanted.map((record) => ({ record, publish })),
    onDone,
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const indexes = new Map<string, IndexState>();
  for (const plan of indexPlans(told, oldestSeconds)) indexes.set(plan.name, await compareIndex(store, plan));
  if (!publish) return { windows, seconds, indexes };
  // Workers go on meanwhile: a new name has to stand behind what they have published since.
  const records = await publishedRecords(parts, options.configurationId);
  const { made, results } = await newGenerations(parts, toldWindows(records).windows, wanted, windows);
  const toldNow = toldWindows([...records, ...made]);
  for (const plan of indexPlans(toldNow, oldestSeconds)) await restoreIndex(store, plan);
  return { windows: results, seconds, indexes };
}

/** Makes those windows anew whose content is not what the log says, and tells exports.published of them. */
async function newGenerations(
  { connection, framing, store, threads }: ExportParts,
  all: readonly PublishedRecord[],
  wanted: readonly PublishedRecord[],
  windows: readonly RebuiltWindow[],
): Promise<{ made: PublishedRecord[]; results: RebuiltWindow[] }> {
  const timesFor = generationTimes(all, await namesThere(store, all));
  const [made, results] = [[] as PublishedRecord[], [...windows]];
  const writer = new StreamWriter(connection, exportsPublished, framing);
  try {
    for (const [index, found] of windows.entries()) {
      const record = wanted[index];
      if (record === undefined || !differs(found) || found.files.length === 0) continue;
      const generation = timesFor(found.files.length);
      const [anew] = await threads.rebuild([{ record, publish: true, generation }], () => undefined);
      if (anew?.generation === undefined) continue;
      const next = withFiles(record, anew.generation);
      await writer.write(0, next, { key: `${record.exportConfigurationId}/${record.endSeconds}` });
      made.push(next);
      results[index] = anew;
    }
  } finally {
    await writer.stop();
  }
  return { made, results };
}

/** All objects below the roots that windows were published under, and all lines of their indexes. */
async function namesThere(
  store: ObjectStore,
  windows: readonly PublishedRecord[],
): Promise<{ present: readonly string[]; listed: readonly string[] }> {
  const indexes = [...new Set(windows.map(({ indexObjectName }) => indexObjectName))];
  const present = await Promise.all(indexes.map((name) => store.list(`${rootOfIndex(name)}/`)));
  const listed = await Promise.all(
    indexes.map(async (name) => parseIndex((await store.get(name))?.bytes.toString("utf8") ?? "")),
  );
  return { present: present.flat(), listed: listed.flat() };
}

function withFiles(record: Published, files: readonly BatchFile[]): PublishedRecord {
  const { codec } = exportsPublished;
  const changed = {
    ...record,
    files: publishedFiles(files),
  };
  return codec.decode(codec.encode(changed).finish());
}
