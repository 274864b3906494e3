import { addToIndex, parseIndex } from "../../shared/exports/index-file.js";
import { parseExportObjectName } from "../../shared/exports/object-names.js";
import { changeIndex } from "../../shared/windows/change-index.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";

/** What the index must list and leave out, as exports.published tells. */
export interface IndexPlan {
  readonly name: string;
  /** Of windows that the index still lists. */
  readonly lines: readonly string[];
  /** Of all windows: old ones may be there until the next clean-up. */
  readonly told: readonly string[];
  /** Of files that a new generation has replaced. */
  readonly replaced: readonly string[];
  readonly oldestStartSeconds: number;
  /** Of the last window that was told of. */
  readonly lastEndSeconds: number;
}

export interface IndexState {
  /** Lines that must be there and are not, whose files are there. */
  readonly missing: readonly string[];
  /** Lines that are there though a new generation has replaced their files. */
  readonly replaced: readonly string[];
  /** Lines that are there, and nothing tells of. */
  readonly extra: readonly string[];
}

/** Compares an index with what it should hold. */
export async function compareIndex(store: ObjectStore, plan: IndexPlan): Promise<IndexState> {
  const present = parseIndex((await store.get(plan.name))?.bytes.toString("utf8") ?? "");
  const wanted = await linesWithFiles(store, plan, present);
  return {
    missing: wanted.filter((line) => !present.includes(line)),
    replaced: present.filter((line) => plan.replaced.includes(line)),
    extra: extraLines(plan, present),
  };
}

/** A line is there before its window is told of: those behind the last one told of are no surprise. */
export function extraLines(
  { told, replaced, lastEndSeconds }: IndexPlan,
  present: readonly string[],
): readonly string[] {
  const isNext = (line: string): boolean => (parseExportObjectName(line)?.endSeconds ?? 0) > lastEndSeconds;
  const known = new Set([...told, ...replaced]);
  return present.filter((line) => !known.has(line) && !isNext(line));
}

/**
 * Adds the lines that are missing, and takes replaced ones out. What a worker writes meanwhile stays.
 * @throws {Unavailable}
 */
export async function restoreIndex(store: ObjectStore, plan: IndexPlan): Promise<void> {
  await changeIndex(store, plan.name, async (lines) => {
    const kept = lines.filter((line) => !plan.replaced.includes(line));
    return addToIndex(kept, await linesWithFiles(store, plan, kept), plan.oldestStartSeconds);
  });
}

/** A line whose file is not there would send phones into the void. */
async function linesWithFiles(
  store: ObjectStore,
  { name, lines }: IndexPlan,
  present: readonly string[],
): Promise<readonly string[]> {
  if (lines.every((line) => present.includes(line))) return lines;
  const names = new Set(await store.list(name.slice(0, name.lastIndexOf("/") + 1)));
  return lines.filter((line) => names.has(line));
}
