import type { Command } from "commander";
import { many, one } from "./arguments.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import {
  createExport,
  updateExport,
  type ExportFields,
  type ExportOutcome,
  type ExportReason,
} from "./change-export.js";
import { carryOut, requireSome, type CommandContext } from "./command-context.js";
import type { ExportView } from "./deployment-view.js";
import { exportWarnings } from "./export-warnings.js";
import { WrongUsage } from "./failures.js";
import { parseHold, parseMaxRecords, parsePeriod, parseRecords } from "./export-arguments.js";
import { given } from "./given.js";
import { parseFilenameRoot, parseId, parseRegion } from "./name-arguments.js";
import { noticeSeconds } from "./notice-seconds.js";
import { exportTable } from "./print-deployment.js";
import { exportText } from "./print-export.js";
import { addShowCommands } from "./show-commands.js";
import { timeForms } from "./time-argument.js";
import { timeOption } from "./time-option.js";

/** Why a change of an export is refused, for operators. */
export const exportSentences: Record<ExportReason, (about: string) => string> = {
  exists: (id) => `export ${id} exists already: use "tekstream export update"`,
  unknown: (id) => `there is no export ${id}; see: tekstream export list`,
  filename_root_taken: (id) => `export ${id} has, or had, its files under this --filename-root: take another`,
  unknown_signing_key: (ids) =>
    `there is no signing key ${ids}: make it first with "tekstream signing-key create"`,
  too_many_signing_keys: (max) => `phones look at ${max} signatures at most: name fewer signing keys`,
  travelers_conflict: () => "--include-travelers and --only-non-travelers exclude each other",
  ends_before_it_begins: () => "--thru must be later than --from",
  hold_too_short: () => "--hold-at-most must be longer than --period, else no window is ever held",
  too_many_versions: (max) => `an export has at most ${max} versions: end it with --thru, and make another`,
  nothing_changes: (id) => `export ${id} has these settings already`,
};

/** Adds `tekstream export …`. */
export function addExportCommands(program: Command, context: CommandContext): void {
  const noun = program.command("export").description("what is exported for phones, how often, and where to");
  addCreate(noun, context);
  addUpdate(noun, context);
  addShowCommands<ExportView>(noun, context, {
    what: "export",
    all: ({ exports }) => exports,
    idOf: ({ id }) => id,
    listText: exportTable,
    showText: exportText,
  });
  noun.addHelpText("afterAll", examples);
}

interface ExportOptions {
  readonly id: string;
  readonly filenameRoot?: string;
  readonly period?: number;
  readonly outputRegion?: string;
  /** A list is false where it is to become empty. */
  readonly inputRegion?: readonly string[] | false;
  readonly excludeRegion?: readonly string[] | false;
  readonly includeTravelers?: boolean;
  readonly onlyNonTravelers?: boolean;
  readonly from?: string;
  readonly thru?: string | false;
  readonly maxRecords?: number;
  readonly signingKey?: readonly string[] | false;
  readonly minRecords?: number;
  readonly paddingRange?: number;
  readonly holdBelow?: number;
  readonly holdAtMost?: number;
}

function addCreate(noun: Command, context: CommandContext): void {
  const command = noun.command("create").description("begin an export");
  command
    .requiredOption("--id <id>", "its id in this deployment", one(parseId))
    .requiredOption(
      "--filename-root <path>",
      "where its files and its index.txt lie, unique",
      one(parseFilenameRoot),
    )
    .requiredOption(
      "--period <duration>",
      "how long a window is: 1s to 24h, divides 24h evenly",
      one(parsePeriod),
    )
    .requiredOption(
      "--output-region <region>",
      "the region that is written into the files",
      one(parseRegion),
    );
  addSharedOptions(command)
    .option("--from <time>", `the first window ends after this: ${timeForms}`, "now")
    .option("--thru <time>", "no window ends later (default: no end)")
    .action(async (options: ExportOptions) => {
      const { id } = options;
      refuseTravelersConflict(options);
      const fields = createdFields(options, context.nowSeconds());
      const entity = { kind: "export-configuration", id } as const;
      await carryOut(
        context,
        entity,
        exportSentences,
        (deployment) => createExport(deployment, id, fields),
        `Created export ${id}`,
      );
      for (const warning of exportWarnings(id, fields)) context.say(warning);
    });
}

function addUpdate(noun: Command, context: CommandContext): void {
  const command = noun
    .command("update")
    .description(
      `change what is given, for windows that end ${noticeSeconds} s from now or later; a list that is given replaces the old one`,
    );
  command
    .requiredOption("--id <id>", "which export", one(parseId))
    .option(
      "--filename-root <path>",
      "another place, with an index of its own; phones must learn it",
      one(parseFilenameRoot),
    )
    .option("--period <duration>", "1s to 24h, divides 24h evenly", one(parsePeriod))
    .option("--output-region <region>", "the region that is written into the files", one(parseRegion));
  addSharedOptions(command)
    .option("--no-input-region", "as the output region")
    .option("--no-exclude-region", "leave nothing out")
    .option("--no-include-travelers", "travelers' keys of its own regions only")
    .option("--no-only-non-travelers", "travelers' keys, too")
    .option("--from <time>", `the first window ends after this: ${timeForms}`)
    .option("--thru <time>", "no window ends later")
    .option("--no-thru", "no end")
    .option("--no-signing-key", "sign no more: phones refuse such files")
    .action(async (options: ExportOptions) => {
      const { id } = options;
      refuseTravelersConflict(options);
      const nowSeconds = context.nowSeconds();
      const fields = fieldsOf(options, nowSeconds);
      requireSome(fields, "the options that --help lists");
      const entity = { kind: "export-configuration", id } as const;
      let warnings: readonly string[] = [];
      const decide = (deployment: Deployment): ExportOutcome => {
        const last = deployment.exportConfigurations.get(id)?.versions.at(-1);
        if (last !== undefined) warnings = exportWarnings(id, { ...last, ...fields });
        return updateExport(deployment, id, fields, nowSeconds);
      };
      await carryOut(context, entity, exportSentences, decide, `Updated export ${id}`);
      for (const warning of warnings) context.say(warning);
    });
}

function addSharedOptions(command: Command): Command {
  return command
    .option(
      "--input-region <region...>",
      "regions whose keys are taken (default: the output region)",
      many(parseRegion),
    )
    .option(
      "--exclude-region <region...>",
      "keys that have one of these regions are left out",
      many(parseRegion),
    )
    .option("--include-travelers", "travelers' keys of every region, too")
    .option("--only-non-travelers", "leave travelers' keys out")
    .option("--max-records <count>", "keys in one file (default: 500000)", one(parseMaxRecords))
    .option(
      "--min-records <count>",
      "windows with fewer keys are padded with keys that nobody has; 0: none is (default: 1000)",
      one(parseRecords),
    )
    .option("--padding-range <count>", "padded are so many more at most (default: 100)", one(parseRecords))
    .option(
      "--hold-below <count>",
      "keys of windows with fewer wait for the next window; 0: none waits (default: 0)",
      one(parseRecords),
    )
    .option("--hold-at-most <duration>", "they wait no longer than that (default: 24h)", one(parseHold))
    .option("--signing-key <id...>", "who signs, at most ten; phones refuse unsigned files", many(parseId));
}

function createdFields(options: ExportOptions, nowSeconds: number): ExportFields {
  const { filenameRoot, period, outputRegion } = options;
  if (filenameRoot === undefined || period === undefined || outputRegion === undefined)
    throw new WrongUsage("--filename-root, --period and --output-region are required");
  const defaults = {
    inputRegions: [],
    excludeRegions: [],
    includeTravelers: false,
    onlyNonTravelers: false,
    fromSeconds: nowSeconds,
    thruSeconds: undefined,
    recordsPerFileMax: 500_000,
    signingKeyIds: [],
    paddingRecordsMin: 1000,
    paddingRecordsRange: 100,
    holdRecordsMin: 0,
    holdSecondsMax: 86_400,
  };
  return { ...defaults, filenameRoot, periodSeconds: period, outputRegion, ...fieldsOf(options, nowSeconds) };
}

/** What was given. An end of undefined, under its own name, takes the end away. */
function fieldsOf(options: ExportOptions, nowSeconds: number): Partial<ExportFields> {
  const { from, thru } = options;
  const fields = given({
    filenameRoot: options.filenameRoot,
    periodSeconds: options.period,
    outputRegion: options.outputRegion,
    inputRegions: listOf(options.inputRegion),
    excludeRegions: listOf(options.excludeRegion),
    includeTravelers: options.includeTravelers,
    onlyNonTravelers: options.onlyNonTravelers,
    fromSeconds: from === undefined ? undefined : timeOption("--from", from, nowSeconds),
    recordsPerFileMax: options.maxRecords,
    signingKeyIds: listOf(options.signingKey),
    paddingRecordsMin: options.minRecords,
    paddingRecordsRange: options.paddingRange,
    holdRecordsMin: options.holdBelow,
    holdSecondsMax: options.holdAtMost,
  });
  if (thru === undefined) return fields;
  return { ...fields, thruSeconds: thru === false ? undefined : timeOption("--thru", thru, nowSeconds) };
}

function listOf(option: readonly string[] | false | undefined): readonly string[] | undefined {
  return option === false ? [] : option;
}

function refuseTravelersConflict({ includeTravelers, onlyNonTravelers }: ExportOptions): void {
  if (includeTravelers && onlyNonTravelers) throw new WrongUsage(exportSentences.travelers_conflict(""));
}

const examples = `
Examples:
  tekstream export create --id us --filename-root exports/us --period 4h --output-region US --signing-key us-2026
  tekstream export create --id eu --filename-root exports/eu --period 24h --output-region EU \\
      --input-region DE FR IT --include-travelers --signing-key eu-2026
  tekstream export update --id us --signing-key us-2026 us-2027
  tekstream export update --id us --min-records 0 --hold-below 500 --hold-at-most 24h
  tekstream export update --id us --thru now
  tekstream export show --id us

A change applies to windows that have not closed yet; earlier windows are always rebuilt with the settings of their
time, so that no earlier version is ever taken away.`;
