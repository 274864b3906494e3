import { collectFindings } from "./finding.js";
import type { Finding, Report } from "./finding.js";

/** One line of an index: the object's name and what its last part says. Times are Unix seconds. */
export interface IndexLine {
  readonly objectName: string;
  readonly root: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Number of the file in its batch, from 1. */
  readonly fileNumber: number;
}

/** Either the lines in order, or everything found wrong: at least one finding, at most one a reason. */
export type IndexCheck =
  | { readonly ok: true; readonly lines: readonly IndexLine[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Size of an index, as the reference server's mirror bounds it (facts, §9.1). */
const indexBytesMax = 1024 * 1024;

/**
 * Checks an index.txt: object names of one root, sorted by bytes, each once, joined by newlines with none at the
 * end; empty when there are no files (reference server facts, §6.5).
 */
export function checkIndex(text: string): IndexCheck {
  const { result, findings } = collectFindings((report) => {
    if (Buffer.byteLength(text) > indexBytesMax) report("index_too_large", `${text.length} characters`);
    if (text.endsWith("\n")) report("index_trailing_newline", "the last line ends with a newline");
    const names = text === "" ? [] : text.replace(/\n$/, "").split("\n");
    const lines = names.flatMap((name, position) => parseLine(name, position, report) ?? []);
    checkOrder(names, report);
    if (new Set(lines.map((line) => line.root)).size > 1) report("index_roots_differ", "more than one root");
    return lines;
  });
  return result !== undefined && findings.length === 0
    ? { ok: true, lines: result }
    : { ok: false, findings };
}

function parseLine(name: string, position: number, report: Report): IndexLine | undefined {
  const match = /^([\x21-\x7e]+)\/(\d{1,12})-(\d{1,12})-(\d{5})\.zip$/.exec(name);
  const [, root = "", start = "", end = "", fileNumber = ""] = match ?? [];
  const line = {
    objectName: name,
    root,
    startSeconds: Number(start),
    endSeconds: Number(end),
    fileNumber: Number(fileNumber),
  };
  const badRoot = root.split("/").some((part) => part === "" || part === "." || part === "..");
  if (match !== null && !badRoot && line.fileNumber > 0 && line.startSeconds < line.endSeconds) return line;
  report("index_line_malformed", `line ${position + 1}`);
  return undefined;
}

function checkOrder(names: readonly string[], report: Report): void {
  for (const [position, name] of names.entries()) {
    const previous = names[position - 1];
    if (previous === undefined) continue;
    const order = Buffer.compare(Buffer.from(name), Buffer.from(previous));
    if (order < 0) report("index_unsorted", `line ${position + 1}`);
    if (order === 0) report("index_line_repeated", `line ${position + 1}`);
  }
}
