import { parseArgs, type ParseArgsConfig } from "node:util";
import { SettingsError } from "../../shared/process/settings.js";
import type { ExportOptions } from "./export.js";
import { runExport } from "./run-export.js";
import { runStore } from "./run-store.js";
import type { StoreOptions } from "./store.js";
import type { ExitCode, Surroundings } from "./surroundings.js";
import { WrongUsage } from "./wrong-usage.js";

/** Runs one replay, and says how it ended. Never throws. */
export async function runReplay(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { err, bar } = surroundings;
  const [what, ...words] = argv;
  try {
    if (what === "store") return await runStore(storeOptions(words), surroundings);
    if (what === "export") return await runExport(exportOptions(words), surroundings);
    throw new WrongUsage("what is to be replayed? store or export");
  } catch (error) {
    bar.stop();
    if (error instanceof SettingsError) {
      err(`error: these settings are wrong:\n${error.message}\n`);
      return 2;
    }
    err(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof WrongUsage ? 2 : 1;
  }
}

/** @throws {WrongUsage} for words that it does not know. */
function storeOptions(words: readonly string[]): StoreOptions {
  const values = parsed(words, {
    "dry-run": { type: "boolean", default: false },
    swap: { type: "boolean", default: false },
    "accept-gaps": { type: "boolean", default: false },
  });
  if (values["dry-run"] && values.swap) throw new WrongUsage("--dry-run and --swap exclude each other");
  return { swap: values.swap, acceptGaps: values["accept-gaps"] };
}

/** @throws {WrongUsage} as above. */
function exportOptions(words: readonly string[]): ExportOptions & { threads?: number } {
  const values = parsed(words, {
    config: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    threads: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    publish: { type: "boolean", default: false },
  });
  if (values["dry-run"] && values.publish) throw new WrongUsage("--dry-run and --publish exclude each other");
  if (values.config === undefined) throw new WrongUsage("--config is missing");
  const [fromSeconds, toSeconds] = [wholeNumber("--from", values.from), wholeNumber("--to", values.to)];
  if (fromSeconds >= toSeconds) throw new WrongUsage("--from must be before --to");
  const threads = values.threads === undefined ? {} : { threads: wholeNumber("--threads", values.threads) };
  return { configurationId: values.config, fromSeconds, toSeconds, publish: values.publish, ...threads };
}

function wholeNumber(name: string, text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) throw new WrongUsage(`${name} is no whole number`);
  return Number(text);
}

function parsed<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  words: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}
