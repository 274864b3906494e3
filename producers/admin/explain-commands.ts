import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { decodeLenientBase64 } from "../../shared/keys/lenient-base64.js";
import { tekBytes } from "../../shared/keys/valid-key.js";
import { one } from "./arguments.js";
import type { CommandContext } from "./command-context.js";
import { explainBatch, wantedEnd } from "./explain-batch.js";
import { explainKey } from "./explain-key.js";
import { batchText, keyText } from "./explain-text.js";
import { WrongUsage } from "./failures.js";
import { parseId } from "./name-arguments.js";
import { timeForms } from "./time-argument.js";
import { timeOption } from "./time-option.js";

/** Adds `tekstream explain …`. */
export function addExplainCommands(program: Command, context: CommandContext): void {
  const noun = program
    .command("explain")
    .description("why something is not in an export, and when it will be");
  noun
    .command("key")
    .description("where a key stands, and what each export does with it")
    .option("--tek-file <file>", "a file that holds the key in base64; - is standard input")
    .option("--tek <base64>", "the key itself; it stays in the history of your shell")
    .addHelpText("after", keyHelp)
    .action(async (options: { tekFile?: string; tek?: string }) => {
      const tek = tekOf(options);
      await context.withOpened(async (opened) => {
        context.out(keyText(await explainKey(opened, tek), context.nowSeconds()));
      });
    });
  noun
    .command("batch")
    .description("how far a window of an export has come, and what it waits for")
    .requiredOption("--config <id>", "which export", one(parseId))
    .option("--end <time>", `when the window ends: ${timeForms}`)
    .option("--file <name>", "the name of one of its files, as the index lists it")
    .action(async ({ config, end, file }: { config: string; end?: string; file?: string }) => {
      const endSeconds = wantedEnd({
        end: end === undefined ? undefined : timeOption("--end", end, context.nowSeconds()),
        file,
      });
      await context.withOpened(async (opened) => {
        context.out(batchText(await explainBatch(opened, config, endSeconds), context.nowSeconds()));
      });
    });
}

/** The messages never show what was given. */
function tekOf({ tekFile, tek }: { tekFile?: string; tek?: string }): Buffer {
  if ((tekFile === undefined) === (tek === undefined))
    throw new WrongUsage("give one of --tek-file and --tek");
  const decoded = decodeLenientBase64((tek ?? textOf(tekFile ?? "")).trim());
  if (!decoded.ok || decoded.bytes.length !== tekBytes)
    throw new WrongUsage(`a key is ${tekBytes} bytes in base64, and this is something else`);
  return decoded.bytes;
}

function textOf(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new WrongUsage(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const keyHelp = `
Needs TEKSTREAM_MONGODB_URL and TEKSTREAM_OBJECT_STORE_URL, and MIN_WINDOW_AGE as export-window has it.
The log is read from the hours before the key came. Keys are told by a hash, never as they are.
Exit code 1: the key is not stored.

Examples:
  tekstream explain key --tek-file -        # then paste the key, and end with Ctrl-D
  tekstream explain batch --config us --end 2026-01-01T04:00:00Z`;
