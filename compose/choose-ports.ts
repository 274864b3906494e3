import { createServer } from "node:net";

import { settings } from "./settings.js";

/**
 * Gives every name a free loopback port. A recorded port is kept (whoever listens there now, for it is normally the
 * stack's own process); the others are looked for from `startAt` on, within the configured region, skipping `taken`.
 * Ports in use by other stacks go into `taken`, because a stack that is down keeps its ports.
 */
export async function choosePorts(request: {
  names: readonly string[];
  recorded: Readonly<Record<string, number>>;
  taken: ReadonlySet<number>;
  startAt: number;
  isFree?: (port: number) => Promise<boolean>;
}): Promise<Record<string, number>> {
  const used = new Set([...request.taken, ...Object.values(request.recorded)]);
  const ports: Record<string, number> = { ...request.recorded };
  let candidate = request.startAt;
  for (const name of request.names) {
    const recorded = request.recorded[name];
    const port = recorded ?? (await nextFree(candidate, used, request.isFree ?? isPortFree));
    if (recorded === undefined) candidate = port + 1;
    used.add(port);
    ports[name] = port;
  }
  return ports;
}

/** Whether a listener can be opened on this loopback port. */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function nextFree(
  from: number,
  used: ReadonlySet<number>,
  isFree: (port: number) => Promise<boolean>,
): Promise<number> {
  const { portMin, portMax } = settings;
  const size = portMax - portMin + 1;
  for (let step = 0; step < size; step += 1) {
    const port = portMin + ((from - portMin + step) % size);
    if (!used.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port between ${portMin} and ${portMax}`);
}
