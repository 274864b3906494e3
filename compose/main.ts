import { Argument, Command, InvalidArgumentError } from "commander";

import { renderDockerCompose } from "./docker.js";
import { fetchParts } from "./fetch/fetch-parts.js";
import { pathsFrom } from "./paths.js";
import { checkBucket } from "./probes/check-bucket.js";
import { closeStack, findStack, openStack } from "./stack.js";
import type { Stack } from "./stack.js";
import { renderStatuses } from "./status.js";

// The only place of this folder that sees the environment; everything else gets it as an argument.
const env = process.env;
const actions = ["stop", "kill", "start", "pause", "resume"] as const;

const program = new Command("compose")
  .description("Run the real stack (Kafka, schema registry, MongoDB, Redis, S3 server) as local processes.")
  .showHelpAfterError();

program
  .command("fetch")
  .description("fill the cache (TEKSTREAM_CACHE) with everything that a stack is made of")
  .action(fetchOnly);

withName(program.command("up"))
  .description("start a stack, or whatever of it is not running, and print where it answers")
  .option("--parts-only", "leave out our own services", false)
  .option("--brokers <count>", "Kafka brokers of a new stack, 1 or 3 (default: 1)", brokerCount)
  .option("--prefix <text>", "what topics, groups and databases begin with (default: the stack's name)")
  .option("--ttl-seconds <seconds>", "how often MongoDB looks for expired documents (default: 60)", positive)
  .action(up);

withName(program.command("down"))
  .description("stop every process of a stack")
  .option("--purge", "delete its data, logs and ports as well", false)
  .action((options: { name: string; purge: boolean }) => closeStack({ ...options, env }));

withName(program.command("status"))
  .description("show what every process of a stack is doing; exit status 0 only if all are healthy")
  .action(status);

withName(program.command("part"))
  .description("end, freeze or start one process of a stack")
  .argument("<part>", "such as kafka-1, registry, mongodb, redis, object-store or gateway")
  .addArgument(
    new Argument("<action>", "what to do: SIGTERM, SIGKILL, start, SIGSTOP or SIGCONT").choices(actions),
  )
  .action(part);

program
  .command("docker-file")
  .description("print the Docker Compose file that the settings give (kept as compose/docker-compose.yml)")
  .action(() => void process.stdout.write(renderDockerCompose()));

program
  .command("bucket")
  .description("make the bucket that an address names, where it is missing")
  .argument("<url>", "s3://access:secret@host:port/bucket")
  .action(checkBucket);

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

function withName(command: Command): Command {
  return command.option("-n, --name <name>", "name of the stack", "dev");
}

async function fetchOnly(): Promise<void> {
  const { cache } = pathsFrom(env);
  const programs = await fetchParts({ cache, env }, { progress: "shown", withObjectStore: true });
  if (programs.objectStoreProblem !== undefined) throw new Error(programs.objectStoreProblem);
  console.log(`everything is in ${cache}`);
}

async function up(options: {
  name: string;
  partsOnly: boolean;
  brokers?: number;
  prefix?: string;
  ttlSeconds?: number;
}): Promise<void> {
  const { ttlSeconds, ...rest } = options;
  const ttl = ttlSeconds === undefined ? {} : { ttlMonitorSleepSeconds: ttlSeconds };
  const stack = await openStack({ ...rest, ...ttl, env, progress: "shown" });
  if (stack.endpoints.objectStore.kind === "folder") {
    console.log(`There is no S3 server: a local folder stands in for it. ${stack.objectStoreProblem ?? ""}`);
  }
  console.log(JSON.stringify(stack.endpoints, null, 2));
}

async function status(options: { name: string }): Promise<void> {
  const statuses = await (await existing(options.name)).status();
  console.log(renderStatuses(statuses));
  if (statuses.some(({ state }) => state !== "healthy")) process.exitCode = 1;
}

async function part(
  name: string,
  action: (typeof actions)[number],
  options: { name: string },
): Promise<void> {
  const stack = await existing(options.name);
  await stack.part(name)[action]();
}

async function existing(name: string): Promise<Stack> {
  const stack = await findStack({ name, env });
  if (stack === null) throw new Error(`there is no stack called ${name}: bring it up first`);
  return stack;
}

function brokerCount(text: string): number {
  if (text === "1" || text === "3") return Number(text);
  throw new InvalidArgumentError("It must be 1 or 3.");
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number above 0.");
}
