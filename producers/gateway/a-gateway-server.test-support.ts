import type { Route } from "./route.js";
import { gatewayServer, type GatewayServerOptions } from "./server.js";
import { listen } from "../../shared/process/operations-server.js";

/** The gateway's server alone on a free port, with limits that no test meets unless it says so. */
export async function aGatewayServer(
  options: Pick<GatewayServerOptions, "routes"> & Partial<GatewayServerOptions>,
  grace?: { readonly graceSeconds: number },
) {
  const failures: unknown[] = [];
  /** Why connections were closed from our side. */
  const closed: string[] = [];
  const server = gatewayServer({
    gates: [],
    connectionsMax: 100,
    pipelinedMax: 8,
    takeSecondsMax: 30,
    headerBytesMax: 16_384,
    headersMax: 100,
    headerSecondsMax: 10,
    requestSecondsMax: 30,
    keepAliveSeconds: 65,
    events: {
      failed: (error) => failures.push(error),
      replied: () => undefined,
      connectionClosed: (reason) => closed.push(reason),
    },
    ...options,
  });
  const { port, stop } = await listen(server.listen(0, "127.0.0.1"), grace);
  return { port, stop, failures, closed };
}

/** A route that holds its request, from when it has `arrived` until it may `finish`. */
export function aSlowRoute(): { slow: Route; arrived: Promise<void>; finish: () => void } {
  let [arrive, finish] = [(): void => undefined, (): void => undefined];
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const slow: Route = async () => {
    arrive();
    await finished;
    return { status: 200, headers: {}, body: "late" };
  };
  return { slow, arrived, finish };
}
