import { Command, Option } from "commander";
import { durationSeconds } from "../../shared/process/setting-kinds.js";
import { intervalNumber } from "../../shared/keys/interval.js";
import { addAppCommands } from "./app-commands.js";
import { one } from "./arguments.js";
import { commandContext, type CommandContext } from "./command-context.js";
import { deploymentView } from "./deployment-view.js";
import { addDlqCommands } from "./dlq-commands.js";
import { addExportCommands } from "./export-commands.js";
import { addHealthAuthorityCommands } from "./health-authority-commands.js";
import { addOffsetCommands } from "./offset-commands.js";
import type { Parsed } from "./parsed.js";
import { json } from "./print.js";
import { deploymentText } from "./print-deployment.js";
import { addExplainCommands } from "./explain-commands.js";
import { addReplayCommands } from "./replay-commands.js";
import { addRetentionCommands } from "./retention-commands.js";
import { addRevisionKeyCommands } from "./revision-key-commands.js";
import { addSigningKeyCommands } from "./signing-key-commands.js";
import type { Surroundings } from "./surroundings.js";
import { timeForms } from "./time-argument.js";
import { timeOption } from "./time-option.js";

/** The whole command line. It throws instead of ending the process. */
export function adminProgram(surroundings: Surroundings): Command {
  const program = new Command("tekstream")
    .description(
      "Sets up a Tekstream deployment through its log. Results go to standard output, all else to standard error.",
    )
    .exitOverride()
    .configureOutput({ writeOut: surroundings.out, writeErr: surroundings.err })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help tells more)")
    .helpCommand(false)
    .option("--env-file <file>", "read settings that the environment does not have from lines of KEY=VALUE")
    .addOption(timeoutOption())
    .addHelpText("after", overview);
  const context = commandContext(program, surroundings);
  addHealthAuthorityCommands(program, context);
  addAppCommands(program, context);
  addSigningKeyCommands(program, context);
  addExportCommands(program, context);
  addRevisionKeyCommands(program, context);
  addDlqCommands(program, context);
  addConfig(program, context);
  addOffsetCommands(program, context);
  addInterval(program, context);
  addReplayCommands(program, context);
  addExplainCommands(program, context);
  addRetentionCommands(program, context);
  return program;
}

function addConfig(program: Command, context: CommandContext): void {
  program
    .command("config")
    .description("the whole configuration")
    .command("show")
    .description("show everything that this deployment is set up with; secrets are not shown")
    .option("--json", "print JSON; times are unix seconds, null is no end")
    .addHelpText(
      "after",
      "\nExamples:\n  tekstream config show\n  tekstream config show --json --env-file deployment.env",
    )
    .action(async (options: { json?: true }) => {
      await context.withSession(async ({ deployment }) => {
        const view = deploymentView(deployment);
        context.out(options.json ? json(view) : deploymentText(view, context.nowSeconds()));
      });
    });
}

function addInterval(program: Command, context: CommandContext): void {
  program
    .command("interval")
    .description("print the number of the 10-minute interval that holds a time; no deployment is asked")
    .argument("[time]", timeForms, "now")
    .addHelpText("after", "\nExamples:\n  tekstream interval\n  tekstream interval 2026-01-01T00:00:00Z")
    .action((text: string) => {
      context.out(`${intervalNumber(timeOption("TIME", text, context.nowSeconds()))}\n`);
    });
}

function timeoutOption(): Option {
  const option = new Option("--timeout <duration>", "how long to wait for the deployment");
  return option.default(30, "30s").argParser(one(parseTimeout));
}

function parseTimeout(text: string): Parsed<number> {
  const seconds = durationSeconds(text);
  if (seconds !== undefined && seconds >= 1 && seconds <= 3600) return { ok: true, value: seconds };
  return { ok: false, error: "a duration from 1s to 1h, such as 30s" };
}

const overview = `
Settings, from the environment or --env-file:
  TEKSTREAM_KAFKA_BROKERS  Kafka bootstrap servers, host:port, comma-separated
  TEKSTREAM_REGISTRY_URL   base address of the schema registry
  TEKSTREAM_PREFIX         which deployment, tekstream if not set
  TEKSTREAM_MASTER_KEY     needed where keys are made: "signing-key create" and "rotate", "revision-key create"; and for "replay"
  TEKSTREAM_MONGODB_URL, TEKSTREAM_OBJECT_STORE_URL   needed for "replay", "explain" and "retention check"
  TEKSTREAM_PARTITIONS, TEKSTREAM_REPLICATION   as the other processes have them, if this is the first to run
  LOG_LEVEL                debug, info, warn or error (default)
  Add _FILE to a name to have the value read from a file.

A deployment from nothing:
  tekstream health-authority create --id us-ha --issuer gov.example.ha --audience tekstream \\
      --name "Example health authority" --key-version v1 --public-key ha-public.pem
  tekstream app create --name com.example.app --region US --health-authority us-ha
  tekstream signing-key create --id us-2026 --key-id 310 --key-version v1 --public-key-out us-2026.pem
  tekstream export create --id us --filename-root exports/us --period 4h --output-region US --signing-key us-2026
  tekstream config show

Times are written as ${timeForms}.
Exit codes: 0 done, 1 failed, 2 wrong usage or settings.`;
