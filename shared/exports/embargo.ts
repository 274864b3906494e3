import type { ExportWindow } from "./window.js";

/** Where a record of `keys.embargoed` lies, seen from a window's range in its partition. */
export type PositionInLog = "before-start" | "inside" | "after-end";

/**
 * Whether an embargoed key belongs to a window. It belongs to the later of two windows: that of its record, and that
 * in which its release time (Unix seconds) falls. So it is in exactly one of the windows that follow each other, and
 * never in one that ends before it may leave.
 */
export function embargoedBelongs(
  window: ExportWindow,
  position: PositionInLog,
  releaseSeconds: number,
): boolean {
  const releasedByEnd = releaseSeconds < window.endSeconds;
  if (position === "inside") return releasedByEnd;
  return position === "before-start" && releasedByEnd && releaseSeconds >= window.startSeconds;
}
