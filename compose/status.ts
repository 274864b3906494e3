import type { Part } from "./part.js";
import { conditionOf } from "./process-identity.js";
import { problemOf } from "./start-part.js";
import { readStackState } from "./stack-state.js";
import { logFile } from "./supervise.js";

/** One line of the status table; `state` is `healthy`, `not started`, `paused`, `dead`, or why it is not healthy. */
export type PartStatus = {
  readonly part: string;
  readonly state: string;
  readonly pid: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly log: string;
};

/** What every part of a stack is doing, found out by asking it. */
export async function partStatuses(directory: string, parts: readonly Part[]): Promise<PartStatus[]> {
  const state = await readStackState(directory);
  return Promise.all(
    parts.map(async (part) => {
      const recorded = state?.parts[part.name]?.process ?? null;
      const condition = recorded === null ? "not started" : await conditionOf(recorded);
      return {
        part: part.name,
        state: await stateText(part, condition),
        pid: condition === "running" || condition === "stopped" ? (recorded?.pid ?? null) : null,
        ports: part.ports,
        log: logFile(directory, part.name),
      };
    }),
  );
}

/** The table as text, one line a part, columns aligned. */
export function renderStatuses(statuses: readonly PartStatus[]): string {
  const rows = statuses.map(({ part, state, pid, ports, log }) => [
    part,
    state,
    pid === null ? "-" : String(pid),
    Object.entries(ports)
      .map(([purpose, port]) => `${purpose}=${port}`)
      .join(" "),
    log,
  ]);
  const table = [["part", "state", "pid", "ports", "log"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function stateText(
  part: Part,
  condition: "running" | "stopped" | "gone" | "not started",
): Promise<string> {
  if (condition === "not started") return "not started";
  if (condition === "gone") return "dead";
  if (condition === "stopped") return "paused";
  const problem = await problemOf(part);
  return problem === null ? "healthy" : `unhealthy (${problem.split("\n")[0]})`;
}
