import type { Command } from "commander";
import type { CommandContext } from "./command-context.js";

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
