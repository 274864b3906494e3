import type { Command } from "commander";
import { one } from "./arguments.js";
import type { CommandContext } from "./command-context.js";
import { parseId } from "./name-arguments.js";
import { timeForms } from "./time-argument.js";
import { timeOption } from "./time-option.js";

/** Adds `tekstream replay …`. What it does is done by the program consumers/replay. */
export function addReplayCommands(program: Command, context: CommandContext): void {
  const noun = program.command("replay").description("make again from the log what was made of it");
  noun
    .command("store")
    .description(
      "fold the log into a fresh collection of keys, compare it with the one in use, and swap it in when told",
    )
    .option("--dry-run", "compare only; as without --swap")
    .option("--swap", "put the fresh collection in the place of the one in use, while publishing goes on")
    .option("--accept-gaps", "swap also when the log no longer reaches back to the oldest keys")
    .addHelpText("after", storeHelp)
    .action(async (options: StoreWords) => {
      await context.start("replay", ["store", ...wordsOf(options)]);
    });
  noun
    .command("export")
    .description(
      "build published windows again from the log, compare them byte by byte, and publish when told",
    )
    .requiredOption("--config <id>", "which export", one(parseId))
    .requiredOption("--from <time>", `windows that end after this: ${timeForms}`)
    .requiredOption("--to <time>", "windows that end by this")
    .option("--threads <n>", "windows rebuilt at the same time; default: as many as there are processors")
    .option("--dry-run", "compare only; as without --publish")
    .option("--publish", "put missing files back, and make windows that differ anew under other names")
    .addHelpText("after", exportHelp)
    .action(async ({ config, from, to, threads, dryRun, publish }: ExportWords) => {
      const time = (name: string, text: string): string =>
        `${name}=${timeOption(name, text, context.nowSeconds())}`;
      await context.start("replay", [
        "export",
        `--config=${config}`,
        time("--from", from),
        time("--to", to),
        ...(threads === undefined ? [] : [`--threads=${threads}`]),
        ...(dryRun ? ["--dry-run"] : []),
        ...(publish ? ["--publish"] : []),
      ]);
    });
}

interface ExportWords {
  readonly config: string;
  readonly from: string;
  readonly to: string;
  readonly threads?: string;
  readonly dryRun?: true;
  readonly publish?: true;
}

interface StoreWords {
  readonly dryRun?: true;
  readonly swap?: true;
  readonly acceptGaps?: true;
}

function wordsOf({ dryRun, swap, acceptGaps }: StoreWords): string[] {
  return [
    ...(dryRun ? ["--dry-run"] : []),
    ...(swap ? ["--swap"] : []),
    ...(acceptGaps ? ["--accept-gaps"] : []),
  ];
}

const storeHelp = `
Needs TEKSTREAM_MONGODB_URL and TEKSTREAM_MASTER_KEY, and KEYS_RETENTION and MAX_INTERVAL_AGE_ON_PUBLISH as
key-store has them. Keys are told by a hash, never as they are.
Exit codes: 0 the keys in use are what the log says, or were swapped; 1 failed; 2 wrong usage or settings;
3 they differ, and nothing was changed. docs/replay.md tells when a swap is refused.

Examples:
  tekstream replay store
  tekstream replay store --swap --env-file deployment.env`;

const exportHelp = `
Needs TEKSTREAM_OBJECT_STORE_URL and TEKSTREAM_MASTER_KEY, and CLEANUP_TTL as export-window has it; MongoDB is not
needed. Keys are told by a hash, never as they are.
Exit codes: 0 all is as the log says, or was published; 1 failed; 2 wrong usage or settings; 3 something is missing or
differs, and nothing was changed. docs/replay.md tells what --publish does.

Examples:
  tekstream replay export --config us --from -24h --to now
  tekstream replay export --config us --from -336h --to now --publish --env-file deployment.env`;
