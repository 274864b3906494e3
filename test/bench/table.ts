import type { LoadResult } from "./publish-load.js";

/** The results as a table for a terminal. */
export function table(results: readonly LoadResult[]): string {
  const processes = Object.keys(results[0]?.cpuPerThousand ?? {});
  const header = [
    "connections",
    "publishes/s",
    "p50 ms",
    "p99 ms",
    ...processes,
    "load maker",
    "others, CPU s",
  ];
  const rows = results.map((result) => [
    String(result.connections),
    result.perSecond.toFixed(0),
    result.p50Ms.toFixed(1),
    result.p99Ms.toFixed(1),
    ...processes.map((name) => (result.cpuPerThousand[name] ?? 0).toFixed(2)),
    result.clientCpuPerThousand.toFixed(2),
    result.otherCpuSeconds.toFixed(2),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ");
  return [line(header), ...rows.map(line)].join("\n");
}
