import { keysAccepted } from "../../shared/topology.js";
import { indexObjectName } from "../../shared/exports/object-names.js";
import type { PublishedRecord } from "../../shared/topology.js";
import type { Audit } from "./audit.js";
import { findingAbout, type Finding } from "./finding.js";

/**
 * The published windows of one export follow each other without a gap, in time and in every partition of the log, and
 * were told of in this order. A window may be told of again, but then in the same words. What was held comes again with
 * the window after it.
 */
export function checkOrder(published: readonly PublishedRecord[]): readonly Finding[] {
  const first = new Map<number, PublishedRecord>();
  const wrong: string[] = [];
  for (const record of published) {
    const before = first.get(record.endSeconds);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(record))
      wrong.push(`${record.endSeconds} was told of in two ways`);
    first.set(record.endSeconds, before ?? record);
  }
  const windows = [...first.values()];
  for (const [index, window] of windows.entries()) {
    const before = windows[index - 1];
    if (before !== undefined && !follows(before, window))
      wrong.push(
        `${window.startSeconds}-${window.endSeconds} after ${before.startSeconds}-${before.endSeconds}`,
      );
  }
  return findingAbout("window_out_of_order", wrong);
}

function follows(before: PublishedRecord, after: PublishedRecord): boolean {
  if (before.endSeconds !== after.startSeconds) return false;
  return after.ranges
    .filter(({ topic }) => topic === keysAccepted.topic)
    .every((range) => {
      const last = before.ranges.find(
        ({ topic, partition }) => topic === range.topic && (partition ?? 0) === (range.partition ?? 0),
      );
      const next = before.held ? last?.startOffset : last?.endOffset;
      return (next ?? 0) === (range.startOffset ?? 0);
    });
}

/** The index of an export lists exactly the files that were told of, sorted as bytes. */
export async function checkIndexFile(
  { store }: Audit,
  root: string,
  published: readonly PublishedRecord[],
): Promise<readonly Finding[]> {
  const found = await store.get(indexObjectName(root));
  const lines = (found?.bytes.toString("utf8") ?? "").split("\n").filter((line) => line !== "");
  const names = new Set(published.flatMap(({ files }) => files.map(({ objectName }) => objectName ?? "")));
  const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  // Another window may have been published since the log was read: its line comes last.
  const isSorted = sorted.every((line, index) => lines[index] === line);
  const detail = `${root}: ${lines.length} lines, ${sorted.length} files`;
  return isSorted ? [] : [{ reason: "index_wrong", detail }];
}
