import type { PublishedRecord } from "../../shared/topology.js";

/** What exports.published tells of the windows of one configuration. */
export interface ToldWindows {
  /** By the last record of each, in their order. */
  readonly windows: readonly PublishedRecord[];
  /** Files of earlier records that no last record names: a new generation has replaced them. */
  readonly replaced: readonly string[];
}

/** @param records in the order of the log. */
export function toldWindows(records: readonly PublishedRecord[]): ToldWindows {
  const last = new Map(records.map((record) => [record.endSeconds, record]));
  const windows = [...last.values()].sort((a, b) => a.endSeconds - b.endSeconds);
  const current = new Set(fileNames(windows));
  return { windows, replaced: [...new Set(fileNames(records))].filter((name) => !current.has(name)) };
}

function fileNames(records: readonly PublishedRecord[]): readonly string[] {
  return records.flatMap(({ files }) => files.map(({ objectName }) => objectName ?? ""));
}
