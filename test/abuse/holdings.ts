import { readdirSync } from "node:fs";
import { eventually } from "../river/eventually.js";
import type { RunningProcess } from "../river/a-process.js";

/** What a process holds now: open files, among them connections, and what its event loop waits for. */
export interface Holdings {
  readonly files: number;
  readonly handles: number;
}

export async function holdingsOf({ pid, port }: RunningProcess): Promise<Holdings> {
  const text = await metricsOf(port);
  const handles = Number(/^nodejs_active_handles_total (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  return { files: readdirSync(`/proc/${pid}/fd`).length, handles };
}

/** Connections that a gateway closed, by reason. */
export async function closedConnections({ port }: RunningProcess): Promise<Record<string, number>> {
  const found = (await metricsOf(port)).matchAll(
    /^gateway_closed_connections_total\{reason="(\w+)"\} (\d+)$/gm,
  );
  return Object.fromEntries([...found].map(([, reason = "", count]) => [reason, Number(count)]));
}

/** Connections to brokers and stores come and go, and the asking itself takes one. */
const slack = 10;

/** Resolves when a process holds about as little again as it did before. */
export async function untilShrunk(process: RunningProcess, before: Holdings): Promise<void> {
  await eventually(`${process.name} to hold as little as before: ${JSON.stringify(before)}`, async () => {
    const now = await holdingsOf(process);
    return now.files <= before.files + slack && now.handles <= before.handles + slack;
  });
}

async function metricsOf(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}
