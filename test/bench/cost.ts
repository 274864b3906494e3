import { cpuSeconds, machineSeconds } from "./process-cpu.js";

/** Names of processes and their ids. */
export type Processes = Readonly<Record<string, number>>;

/** What a stretch of work cost, in processor seconds. */
export interface Cost {
  readonly byProcess: Readonly<Record<string, number>>;
  /** Of this program, which makes the load. */
  readonly loadMaker: number;
  /** Of anything else on the machine. */
  readonly others: number;
}

/** Starts to count; the function that it gives tells what has been used since. */
export function meter(processes: Processes): () => Cost {
  const before = sample(processes);
  return () => {
    const after = sample(processes);
    const byProcess = Object.fromEntries(
      Object.keys(processes).map((name) => [name, (after.cpu[name] ?? 0) - (before.cpu[name] ?? 0)]),
    );
    const loadMaker = after.own - before.own;
    const known = Object.values(byProcess).reduce((sum, seconds) => sum + seconds, loadMaker);
    return { byProcess, loadMaker, others: Math.max(0, after.machine - before.machine - known) };
  };
}

function sample(processes: Processes) {
  const cpu = Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)]));
  return { cpu, own: cpuSeconds(process.pid), machine: machineSeconds().busy };
}
