import { cpus } from "node:os";
import { closeStack, openStack } from "../../compose/stack.js";
import { readStackState } from "../../compose/stack-state.js";
import { services } from "../../compose/services.js";
import { aHealthAuthority } from "../phones/health-authority.js";
import { commandLine, setUpDeployment } from "../river/set-up.js";
import { publishLoad, type LoadResult } from "./publish-load.js";
import { table } from "./table.js";

const env = process.env;
const name = "bench";
const loads = [
  { connections: 1, publishes: 1000 },
  { connections: 16, publishes: 4000 },
  { connections: 64, publishes: 4000 },
];
const warmUp = { connections: 16, publishes: 1000 };

await closeStack({ name, env, purge: true });
try {
  const stack = await openStack({ name, env, progress: "shown" });
  const authority = aHealthAuthority();
  const operator = {
    TEKSTREAM_KAFKA_BROKERS: stack.endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: stack.endpoints.registry.url,
    TEKSTREAM_PREFIX: name,
    TEKSTREAM_MASTER_KEY_FILE: `${stack.directory}/master-key`,
  };
  await setUpDeployment(commandLine(operator), { authority, folder: stack.directory, periodSeconds: 10 });
  const processes = await pids(stack.directory);
  const apiUrl = stack.endpoints.services["gateway"]?.apiUrl ?? "";
  const run = (load: typeof warmUp): Promise<LoadResult> =>
    publishLoad({ apiUrl, authority, processes, ...load });
  console.log("\n  warming up");
  await run(warmUp);
  const results: LoadResult[] = [];
  for (const load of loads) results.push(await run(load));
  const [cpu] = cpus();
  console.log(
    `\nPublishes of 14 keys; CPU seconds for 1,000 publishes by process; ${cpus().length} cores, ${cpu?.model ?? ""}.`,
  );
  console.log("The load maker runs on the same cores, and so does all the rest.\n");
  console.log(table(results));
} finally {
  await closeStack({ name, env, purge: true });
}

/** Process ids of everything whose cost is told. */
async function pids(directory: string): Promise<Record<string, number>> {
  const state = await readStackState(directory);
  const wanted = ["kafka-1", "mongodb", "registry", ...services.map(({ name: service }) => service)];
  return Object.fromEntries(wanted.map((part) => [part, state?.parts[part]?.process?.pid ?? process.pid]));
}
