import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second wherever Node runs. */
const ticksPerSecond = 100;

/** Processor seconds, user and system, that a process has used, its ended children included (proc(5), stat). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold anything; the fields after it are plain.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
  return (utime + stime + cutime + cstime) / ticksPerSecond;
}

/** Processor seconds of the whole machine that were not idle, and those that the host took away. */
export function machineSeconds(): { busy: number; stolen: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: (user + nice + system + irq + softirq) / ticksPerSecond, stolen: steal / ticksPerSecond };
}
