import { checkExport } from "../../shared/export-check/check-export.js";
import type { CheckedExport, CheckExportOptions } from "../../shared/export-check/check-export.js";
import { checkIndex } from "../../shared/export-check/check-index.js";
import type { IndexLine } from "../../shared/export-check/check-index.js";
import type { Finding } from "../../shared/export-check/finding.js";
import { keyAt } from "../../shared/export-check/key-table.js";
import type { ExportedKey, KeyTable } from "../../shared/export-check/key-table.js";

/** Where a phone downloads from: an object by name, or undefined when there is none. Rejects when out of order. */
export interface ExportSource {
  fetchObject(name: string): Promise<Uint8Array | undefined>;
}

/** How a phone reads exports. */
export interface ExportReaderOptions extends CheckExportOptions {
  /** The index is `<root>/index.txt`. */
  readonly root: string;
}

/** A key as an export showed it. */
export interface ReadKey extends ExportedKey {
  readonly file: string;
}

/** Something a phone would trip over. */
export type ReadProblem =
  | {
      readonly reason: "index_refused" | "file_refused";
      readonly name: string;
      readonly findings: readonly Finding[];
    }
  | {
      /**
       * In this order: the index was there and is gone; a line appeared before the last line seen, so that phones
       * never download it; a listed file is not there; a file covers another window than its name says, or the
       * same window as a file before, which phones take for a file they know (reference server facts, §6.7).
       */
      readonly reason:
        | "index_missing"
        | "line_behind"
        | "file_missing"
        | "window_unlike_name"
        | "window_repeated";
      readonly name: string;
    };

/** Everything a phone has read so far. Keys are by standard base64, each with every occurrence. */
export interface ReadExports {
  readonly files: readonly string[];
  readonly keys: ReadonlyMap<string, readonly ReadKey[]>;
  readonly revised: ReadonlyMap<string, readonly ReadKey[]>;
  readonly problems: readonly ReadProblem[];
}

/** A phone that downloads exports; it remembers the last line it saw. */
export interface ExportReader {
  /** Downloads what is new, and returns all that was read so far. Rejects when the source does; then call again. */
  readNew(): Promise<ReadExports>;
}

/** Makes a phone-side downloader that has seen nothing yet. */
export function exportReader(source: ExportSource, options: ExportReaderOptions): ExportReader {
  const files: string[] = [];
  const keys = new Map<string, ReadKey[]>();
  const revised = new Map<string, ReadKey[]>();
  const problems: ReadProblem[] = [];
  const seen = new Set<string>();
  const windows = new Set<string>();
  let lastLine: string | undefined;

  async function readNew(): Promise<ReadExports> {
    for (const line of newLines(await readIndex())) {
      const zip = await source.fetchObject(line.objectName);
      seen.add(line.objectName);
      lastLine = line.objectName;
      if (zip === undefined) problems.push({ reason: "file_missing", name: line.objectName });
      else readFile(line, zip);
    }
    return { files, keys, revised, problems };
  }

  async function readIndex(): Promise<readonly IndexLine[]> {
    const name = `${options.root}/index.txt`;
    const index = await source.fetchObject(name);
    // Before the first export there need not be an index.
    if (index === undefined && lastLine !== undefined) problems.push({ reason: "index_missing", name });
    if (index === undefined) return [];
    const check = checkIndex(Buffer.from(index).toString("utf8"));
    if (check.ok) return check.lines;
    problems.push({ reason: "index_refused", name, findings: check.findings });
    return [];
  }

  /** The lines after the last one seen; if that has vanished, start over with all that were not seen. */
  function newLines(lines: readonly IndexLine[]): readonly IndexLine[] {
    const lastAt = lines.findIndex(({ objectName }) => objectName === lastLine);
    for (const { objectName } of lines.slice(0, Math.max(0, lastAt))) {
      if (!seen.has(objectName)) problems.push({ reason: "line_behind", name: objectName });
      seen.add(objectName);
    }
    return lines.slice(lastAt + 1).filter(({ objectName }) => !seen.has(objectName));
  }

  function readFile(line: IndexLine, zip: Uint8Array): void {
    const name = line.objectName;
    const check = checkExport(zip, options);
    if (!check.ok) {
      problems.push({ reason: "file_refused", name, findings: check.findings });
      return;
    }
    files.push(name);
    const window = `${check.export.startSeconds}-${check.export.endSeconds}`;
    if (windows.has(window)) problems.push({ reason: "window_repeated", name });
    if (!windowFits(line, check.export)) problems.push({ reason: "window_unlike_name", name });
    windows.add(window);
    collect(check.export.keys, name, keys);
    collect(check.export.revisedKeys, name, revised);
  }

  return { readNew };
}

/** Split batches add the file's number to the end (reference server facts, §6.6). */
function windowFits(line: IndexLine, found: CheckedExport): boolean {
  const endFits = [line.endSeconds, line.endSeconds + line.fileNumber].includes(found.endSeconds);
  return line.startSeconds === found.startSeconds && endFits;
}

function collect(table: KeyTable, file: string, into: Map<string, ReadKey[]>): void {
  for (let row = 0; row < table.count; row++) {
    const key = { ...keyAt(table, row), file };
    const before = into.get(key.key);
    if (before === undefined) into.set(key.key, [key]);
    else before.push(key);
  }
}
