import type { Command } from "commander";
import { checkRetention } from "./check-retention.js";
import type { CommandContext } from "./command-context.js";
import { EndedWith } from "./failures.js";
import type { RetentionRow } from "./judge-retention.js";
import { json, table, timeText } from "./print.js";

/** Adds `tekstream retention …`. */
export function addRetentionCommands(program: Command, context: CommandContext): void {
  const noun = program.command("retention").description("how long things are kept");
  noun
    .command("check")
    .description("look into every topic, collection, index and folder for what is older than its retention")
    .option("--json", "print JSON; times are unix seconds, null is nothing, or no end")
    .addHelpText("after", checkHelp)
    .action(async ({ json: asJson }: { json?: true }) => {
      await context.withOpened(async (opened) => {
        const rows = await checkRetention(opened, context.nowSeconds());
        context.out(asJson ? json(rows) : rowsText(rows));
        const isBad = rows.some(({ verdict }) => verdict === "too_old" || verdict === "too_short");
        if (!isBad) return;
        context.say(
          "something is kept for too long, or not for long enough: docs/retention.md tells what to do",
        );
        throw new EndedWith(1);
      });
    });
}

const verdicts: Readonly<Record<RetentionRow["verdict"], string>> = {
  ok: "ok",
  too_old: "TOO OLD",
  too_short: "RETENTION TOO SHORT",
  kept: "kept, of no person",
};

function rowsText(rows: readonly RetentionRow[]): string {
  return table(
    ["place", "oldest", "retention", "verdict"],
    rows.map(({ place, oldestSeconds, retentionSeconds, verdict }) => [
      place,
      timeText(oldestSeconds, "-"),
      retentionSeconds === null ? "-" : `${Math.round(retentionSeconds / 3600)}h`,
      verdicts[verdict],
    ]),
    "There is nothing to look at.",
  );
}

const checkHelp = `
Needs TEKSTREAM_MONGODB_URL and TEKSTREAM_OBJECT_STORE_URL, and CLEANUP_TTL as export-window has it. Nothing is changed.
Exit codes: 0 nothing is older than it may be; 1 something is, or a topic keeps its records for less than 240h.

Example:
  tekstream retention check --env-file deployment.env`;
