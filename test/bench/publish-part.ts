import type { Endpoints } from "../../compose/endpoints.js";
import { readStackState } from "../../compose/stack-state.js";
import { services } from "../../compose/services.js";
import { aHealthAuthority } from "../phones/health-authority.js";
import { commandLine, setUpDeployment } from "../river/set-up.js";
import { publishLoad, type LoadResult } from "./publish-load.js";
import { table } from "./table.js";

const loads = [
  { connections: 1, publishes: 1000 },
  { connections: 16, publishes: 4000 },
  { connections: 64, publishes: 4000 },
];
const warmUp = { connections: 16, publishes: 1000 };

/** Publishes of 14 keys at rising numbers of connections, against the whole stack. */
export async function publishPart(stack: {
  readonly directory: string;
  readonly endpoints: Endpoints;
  readonly prefix: string;
}): Promise<string> {
  const authority = aHealthAuthority();
  const operator = {
    TEKSTREAM_KAFKA_BROKERS: stack.endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: stack.endpoints.registry.url,
    TEKSTREAM_PREFIX: stack.prefix,
    TEKSTREAM_MASTER_KEY_FILE: `${stack.directory}/master-key`,
  };
  await setUpDeployment(commandLine(operator), { authority, folder: stack.directory, periodSeconds: 10 });
  const processes = await pids(stack.directory);
  const apiUrl = stack.endpoints.services["gateway"]?.apiUrl ?? "";
  const run = (load: typeof warmUp): Promise<LoadResult> =>
    publishLoad({ apiUrl, authority, processes, ...load });
  await run(warmUp);
  const results: LoadResult[] = [];
  for (const load of loads) results.push(await run(load));
  return (
    "Publishes of 14 keys; CPU seconds for 1,000 publishes by process.\n" +
    "The load maker runs on the same cores, and so does all the rest.\n\n" +
    tableOf(results)
  );
}

function tableOf(results: readonly LoadResult[]): string {
  const processes = Object.keys(results[0]?.cpuPerThousand ?? {});
  return table(
    ["connections", "publishes/s", "p50 ms", "p99 ms", ...processes, "load maker", "others, CPU s"],
    results.map((result) => [
      String(result.connections),
      result.perSecond.toFixed(0),
      result.p50Ms.toFixed(1),
      result.p99Ms.toFixed(1),
      ...processes.map((name) => (result.cpuPerThousand[name] ?? 0).toFixed(2)),
      result.clientCpuPerThousand.toFixed(2),
      result.otherCpuSeconds.toFixed(2),
    ]),
  );
}

/** Process ids of everything whose cost is told. */
async function pids(directory: string): Promise<Record<string, number>> {
  const state = await readStackState(directory);
  const wanted = ["kafka-1", "mongodb", "registry", ...services.map(({ name: service }) => service)];
  return Object.fromEntries(wanted.map((part) => [part, state?.parts[part]?.process?.pid ?? process.pid]));
}
