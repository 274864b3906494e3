import { readFile } from "node:fs/promises";

/**
 * A process that can't be mistaken for another one: pids are used again, but not together with the same start time.
 * `startTicks` is field 22 of `/proc/<pid>/stat` (proc(5)), clock ticks since boot.
 */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: number };

/** What a process is doing: `stopped` is frozen by SIGSTOP, `gone` covers ended, a zombie, and another's pid. */
export type ProcessCondition = "running" | "stopped" | "gone";

/** Reads `state` and `startTicks` out of the text of `/proc/<pid>/stat`; null when it is not of that form. */
export function parseProcStat(text: string): { state: string; startTicks: number } | null {
  // The second field is the command in parentheses, which may itself hold spaces and parentheses.
  const afterCommand = text.slice(text.lastIndexOf(")") + 1).trim();
  const fields = afterCommand.split(/\s+/);
  const state = fields[0];
  const startTicks = Number(fields[19]);
  if (!text.includes(")") || state === undefined || !Number.isSafeInteger(startTicks)) return null;
  return { state, startTicks };
}

/** The identity of the process that has this pid now, or null. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readProcStat(pid);
  return stat === null ? null : { pid, startTicks: stat.startTicks };
}

/** What the very process that was recorded is doing now. */
export async function conditionOf(identity: ProcessIdentity): Promise<ProcessCondition> {
  const stat = await readProcStat(identity.pid);
  if (stat === null || stat.startTicks !== identity.startTicks) return "gone";
  if (stat.state === "Z" || stat.state === "X") return "gone";
  return stat.state === "T" || stat.state === "t" ? "stopped" : "running";
}

async function readProcStat(pid: number): Promise<ReturnType<typeof parseProcStat>> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return text === null ? null : parseProcStat(text);
}
