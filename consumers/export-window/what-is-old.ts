import { parseExportObjectName } from "../../shared/exports/object-names.js";

export interface OldThings {
  /** Lines that the index must lose. */
  readonly lines: readonly string[];
  /** Objects that may be removed once they have been out of the index for a period. */
  readonly objects: readonly string[];
}

const manifestName = /\/\d{1,15}-(\d{1,15})\.json$/;

/**
 * What retention takes: lines whose window began too long ago, and files and manifests whose window ended too long ago and
 * that the index no longer lists. Facts, §7. Nothing of a window that is not published yet, or of a later one: its
 * files may wait for their lines.
 */
export function whatIsOld(found: {
  readonly lines: readonly string[];
  readonly objects: readonly string[];
  readonly nowSeconds: number;
  readonly retentionSeconds: number;
  readonly firstUnpublishedEndSeconds: number | undefined;
}): OldThings {
  const oldestSeconds = found.nowSeconds - found.retentionSeconds;
  const untilSeconds = Math.min(oldestSeconds, found.firstUnpublishedEndSeconds ?? oldestSeconds);
  const listed = new Set(found.lines);
  return {
    lines: found.lines.filter(
      (line) => (parseExportObjectName(line)?.startSeconds ?? oldestSeconds) < oldestSeconds,
    ),
    objects: found.objects.filter((name) => {
      const endSeconds = endOf(name);
      return endSeconds !== undefined && endSeconds < untilSeconds && !listed.has(name);
    }),
  };
}

/** Undefined for what no window has made. */
function endOf(name: string): number | undefined {
  const manifest = manifestName.exec(name)?.[1];
  return manifest === undefined ? parseExportObjectName(name)?.endSeconds : Number(manifest);
}
