const FILE_NUMBER_DIGITS = 5;
const FILE_NUMBER_MAX = 99_999;
const FILE_NAME = /^(\d{1,15})-(\d{1,15})-(\d{5})\.zip$/;

/** What an export file's object name says. */
export interface ExportObjectName {
  readonly filenameRoot: string;
  /** The window's start and end in Unix seconds, the same in all files of the window. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** The file's number in the window, from 1. */
  readonly fileNumber: number;
}

/**
 * `<root>/<start>-<end>-<NNNNN>.zip` (reference server facts, §6.5). Throws a RangeError when the number does not fit
 * into five digits, for then the index would no longer be sorted by age.
 */
export function exportObjectName(name: ExportObjectName): string {
  if (name.fileNumber < 1 || name.fileNumber > FILE_NUMBER_MAX)
    throw new RangeError(`a window has at most ${FILE_NUMBER_MAX} files`);
  const number = String(name.fileNumber).padStart(FILE_NUMBER_DIGITS, "0");
  return `${name.filenameRoot}/${name.startSeconds}-${name.endSeconds}-${number}.zip`;
}

/** Reads what {@link exportObjectName} wrote; undefined for any other text. */
export function parseExportObjectName(text: string): ExportObjectName | undefined {
  const slash = text.lastIndexOf("/");
  const match = FILE_NAME.exec(text.slice(slash + 1));
  if (slash === -1 || match === null) return undefined;
  return {
    filenameRoot: text.slice(0, slash),
    startSeconds: Number(match[1]),
    endSeconds: Number(match[2]),
    fileNumber: Number(match[3]),
  };
}

const indexEnding = "/index.txt";

/** `<root>/index.txt` (reference server facts, §6.5). */
export function indexObjectName(filenameRoot: string): string {
  return filenameRoot + indexEnding;
}

/** The root whose index this is. */
export function rootOfIndex(indexName: string): string {
  return indexName.endsWith(indexEnding) ? indexName.slice(0, -indexEnding.length) : indexName;
}
