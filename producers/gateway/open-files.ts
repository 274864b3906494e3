import { readFileSync } from "node:fs";

/** Connections to the cluster and the view, and what a process has open anyhow. */
const filesForOthers = 500;

/** The process's own limits as Linux tells them; undefined where nothing tells. */
export function processLimits(): string | undefined {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return undefined;
  }
}

/**
 * As many of `wanted` connections as there are files for: one that the system refuses closes no idle ones, and nothing
 * counts it.
 */
export function connectionsWithFiles(wanted: number, limits: string | undefined): number {
  const openFilesMax = /^Max open files +(\d+) /m.exec(limits ?? "")?.[1];
  if (openFilesMax === undefined) return wanted;
  return Math.max(1, Math.min(wanted, Number(openFilesMax) - filesForOthers));
}
