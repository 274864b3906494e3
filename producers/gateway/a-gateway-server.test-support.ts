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
