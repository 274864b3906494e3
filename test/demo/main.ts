import { Command, InvalidArgumentError, Option } from "commander";
import { aHealthAuthority } from "../phones/health-authority.js";
import { exportReader } from "../phones/export-reader.js";
import { commandLine, filenameRoot, publicKey, setUpDeployment } from "../river/set-up.js";
import { closeStack } from "../../compose/stack.js";
import { demoStack, operatorEnvironment, stackName } from "./demo-stack.js";
import { downloads } from "./download.js";
import { play } from "./play.js";
import { holds, summary } from "./summary.js";

interface DemoOptions {
  readonly phones: number;
  readonly period: number;
  readonly keep: boolean;
}

/** So that some windows of the demo are padded and others are not. */
const padding = { recordsMin: 2000, recordsRange: 100 };
const env = process.env;
const program = new Command("demo")
  .description("Runs the real stack, plays the main job on it, and checks the exports as a phone does.")
  .addOption(
    new Option("--phones <number>", "how many phones publish")
      .env("DEMO_PHONES")
      .default(300)
      .argParser(count),
  )
  .addOption(
    new Option("--period <seconds>", "length of a window").env("DEMO_PERIOD").default(4).argParser(count),
  )
  .addOption(
    new Option("--keep", "leave everything running afterwards (DEMO_KEEP=1)").default(env.DEMO_KEEP === "1"),
  )
  .action(demo);

await program.parseAsync();

async function demo(options: DemoOptions): Promise<void> {
  // A demo before may have left its stack behind, with another set-up on it.
  await closeStack({ name: stackName, env, purge: true });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void interrupted());
  const outcome = await played(options).catch((error: unknown) => {
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return "failed" as const;
  });
  if (outcome === "failed") console.error(`Logs are in .tekstream/stacks/${stackName}/logs`);
  if (options.keep) console.log(`Still running. Look around, then stop it with: make down NAME=${stackName}`);
  else await closeStack({ name: stackName, env, purge: outcome === "done" });
  process.exit(outcome === "done" ? 0 : 1);
}

async function played(options: DemoOptions): Promise<"done" | "failed"> {
  const startedAtMs = performance.now();
  const stack = await demoStack(env);
  if (stack.endpoints.objectStore.kind === "folder")
    console.log(`There is no S3 server here, a folder stands in for it: ${stack.objectStoreProblem ?? ""}`);
  console.log("  setting up a health authority, an app, a signing key and an export");
  const tekstream = commandLine({ ...operatorEnvironment(stack) });
  const authority = aHealthAuthority();
  await setUpDeployment(tekstream, {
    authority,
    folder: stack.directory,
    periodSeconds: options.period,
    padding,
  });
  const source = downloads(stack.endpoints.objectStore, stack.name);
  const reader = exportReader(source, { root: filenameRoot, publicKeys: [await publicKey(tekstream)] });
  const apiUrl = stack.endpoints.services["gateway"]?.apiUrl ?? "";
  const result = await play({ apiUrl, authority, phones: options.phones, reader });
  console.log(summary(result, stack, (performance.now() - startedAtMs) / 1000));
  return holds(result) ? "done" : "failed";
}

async function interrupted(): Promise<void> {
  console.error("\nInterrupted: stopping everything");
  await closeStack({ name: stackName, env, purge: true });
  process.exit(130);
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("not a whole number above 0");
  return number;
}
