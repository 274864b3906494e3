import { parseExportObjectName } from "./object-names.js";

/** The object names in an index, in the order of its lines. Empty lines say nothing. */
export function parseIndex(content: string): string[] {
  return content.split(/\r?\n/).filter((line) => line !== "");
}

/** The content of an index: one name a line, **no newline at the end** (reference server facts, §6.5). */
export function renderIndex(names: readonly string[]): string {
  return names.join("\n");
}

/**
 * The names that the index holds after a window was published: the old ones and the new ones, each once, sorted as
 * byte strings, without the windows that started before `oldestStartSeconds` (Unix seconds).
 *
 * A line whose age can't be read is dropped too: it would stay in the index for ever.
 */
export function addToIndex(
  names: readonly string[],
  newNames: readonly string[],
  oldestStartSeconds: number,
): string[] {
  const isKept = (name: string): boolean =>
    (parseExportObjectName(name)?.startSeconds ?? Number.NEGATIVE_INFINITY) >= oldestStartSeconds;
  return [...new Set([...names, ...newNames])].filter(isKept).sort(compareBytes);
}

/** JavaScript compares UTF-16 units, which is another order than that of the bytes. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
