import type { HealthAuthority } from "../phones/health-authority.js";
import { publishCrowd } from "../phones/crowd.js";
import { publishClient } from "../phones/publish-client.js";
import { appName } from "../river/set-up.js";
import { cpuSeconds, machineSeconds } from "./process-cpu.js";

/** What one load did, and what it cost. Times in milliseconds, processor time in seconds for 1,000 publishes. */
export interface LoadResult {
  readonly connections: number;
  readonly publishes: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuPerThousand: Readonly<Record<string, number>>;
  /** Of this program, which makes the load. */
  readonly clientCpuPerThousand: number;
  /** Processor seconds that anything else on the machine took meanwhile. */
  readonly otherCpuSeconds: number;
}

/** Bodies are made and signed before the clock starts. Every answer has to be 200. */
export async function publishLoad(options: {
  apiUrl: string;
  authority: HealthAuthority;
  connections: number;
  publishes: number;
  processes: Readonly<Record<string, number>>;
}): Promise<LoadResult> {
  const { apiUrl, authority, connections, publishes, processes } = options;
  const client = publishClient({ urls: [apiUrl], socketsMax: connections, retriesMax: 0 });
  const names = Object.keys(processes);
  let before = sample(processes);
  const crowd = await publishCrowd({
    phones: publishes,
    concurrency: connections,
    client,
    authority,
    healthAuthorityID: appName,
    regions: ["US"],
    prepare: "before",
    onProgress: ({ done }) => {
      if (done === 1) before = sample(processes);
    },
  });
  const after = sample(processes);
  client.close();
  if (Object.keys(crowd.statuses).join() !== "200")
    throw new Error(`answers: ${JSON.stringify(crowd.statuses)}`);
  const used = (name: string): number => (after.cpu[name] ?? 0) - (before.cpu[name] ?? 0);
  const all = names.reduce((sum, name) => sum + used(name), after.own - before.own);
  return {
    connections,
    publishes,
    perSecond: publishes / crowd.seconds,
    p50Ms: crowd.latencySeconds.p50 * 1000,
    p99Ms: crowd.latencySeconds.p99 * 1000,
    cpuPerThousand: Object.fromEntries(names.map((name) => [name, (used(name) / publishes) * 1000])),
    clientCpuPerThousand: ((after.own - before.own) / publishes) * 1000,
    otherCpuSeconds: Math.max(0, after.machine.busy - before.machine.busy - all),
  };
}

function sample(processes: Readonly<Record<string, number>>) {
  const cpu = Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)]));
  return { cpu, own: cpuSeconds(process.pid), machine: machineSeconds() };
}
