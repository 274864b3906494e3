import type { Command } from "commander";
import { recordKey } from "../../shared/deployment/apply-change.js";
import type { AuthorizedApp } from "../../shared/deployment/deployment.js";
import { regionsBytesMax } from "../../shared/keys/regions.js";
import { many, one } from "./arguments.js";
import { createApp, updateApp, type AppReason } from "./change-app.js";
import { carryOut, noticed, requireSome, type CommandContext } from "./command-context.js";
import { Refused } from "./failures.js";
import { given } from "./given.js";
import { parseAppName, parseId, parseRegion } from "./name-arguments.js";
import { details, listText } from "./print.js";
import { appTable, bypassesOf } from "./print-deployment.js";
import { addShowCommands } from "./show-commands.js";

const sentences: Record<AppReason, (about: string) => string> = {
  exists: (name) => `app ${name} exists already: use "tekstream app update"`,
  unknown: (name) => `there is no app ${name}; see: tekstream app list`,
  unknown_health_authority: (ids) =>
    `there is no health authority ${ids}: make it first with "tekstream health-authority create"`,
  no_region: (name) => `app ${name} needs at least one --region`,
  too_many_regions: (name) =>
    `app ${name} has too many regions: their names, with three bytes more for each, may take ${regionsBytesMax} bytes`,
  no_health_authority: (name) =>
    `app ${name} needs a --health-authority that signs its certificates, or --bypass-verification for trials`,
};

/** Adds `tekstream app …`. */
export function addAppCommands(program: Command, context: CommandContext): void {
  const noun = program.command("app").description("which apps may publish, and for which regions");
  addCreate(noun, context);
  addUpdate(noun, context);
  addRemove(noun, context);
  addShowCommands<AuthorizedApp>(noun, context, {
    what: "app",
    all: ({ apps }) => apps,
    idOf: ({ name }) => name,
    listText: appTable,
    showText: appText,
    id: { flags: "--name <name>", name: "name", parse: parseAppName },
  });
  noun.addHelpText("afterAll", examples);
}

interface AppOptions {
  readonly name: string;
  readonly region?: readonly string[];
  /** False where the list is to become empty. */
  readonly healthAuthority?: readonly string[] | false;
  readonly bypassVerification?: boolean;
  readonly bypassRevisionToken?: boolean;
}

function addCreate(noun: Command, context: CommandContext): void {
  noun
    .command("create")
    .description("let an app publish")
    .requiredOption(
      "--name <name>",
      'what phones send as "healthAuthorityID"; the case of letters does not matter',
      one(parseAppName),
    )
    .requiredOption(
      "--region <region...>",
      "regions of its keys; several words or repeated",
      many(parseRegion),
    )
    .option("--health-authority <id...>", "whose certificates it may bring", many(parseId))
    .option("--bypass-verification", "accept publishes without a certificate: only for trials")
    .option("--bypass-revision-token", "accept revisions without a token: only for trials")
    .action(async (options: AppOptions) => {
      const { name } = options;
      const none = {
        regions: [],
        healthAuthorityIds: [],
        bypassHealthAuthorityVerification: false,
        bypassRevisionToken: false,
      };
      const fields = { ...none, ...fieldsOf(options) };
      const entity = { kind: "authorized-app", id: name } as const;
      await carryOut(
        context,
        entity,
        sentences,
        (deployment) => createApp(deployment, name, fields),
        `Created app ${name}`,
      );
    });
}

function addUpdate(noun: Command, context: CommandContext): void {
  noun
    .command("update")
    .description("change what is given; a list that is given replaces the old one")
    .requiredOption("--name <name>", "which app", one(parseAppName))
    .option("--region <region...>", "its regions", many(parseRegion))
    .option("--health-authority <id...>", "whose certificates it may bring", many(parseId))
    .option("--no-health-authority", "none")
    .option("--bypass-verification", "accept publishes without a certificate: only for trials")
    .option("--no-bypass-verification", "require a certificate")
    .option("--bypass-revision-token", "accept revisions without a token: only for trials")
    .option("--no-bypass-revision-token", "require the token")
    .action(async (options: AppOptions) => {
      const fields = fieldsOf(options);
      requireSome(
        fields,
        "--region, --health-authority, --[no-]bypass-verification, --[no-]bypass-revision-token",
      );
      const { name } = options;
      const entity = { kind: "authorized-app", id: name } as const;
      await carryOut(
        context,
        entity,
        sentences,
        (deployment) => updateApp(deployment, name, fields),
        `Updated app ${name}`,
      );
    });
}

function addRemove(noun: Command, context: CommandContext): void {
  noun
    .command("remove")
    .description("let an app publish no more; what it published stays until its time")
    .requiredOption("--name <name>", "which app", one(parseAppName))
    .action(async ({ name }: AppOptions) => {
      await context.withSession(async (session) => {
        if (!session.deployment.entities.has(recordKey("authorized-app", name)))
          throw new Refused(sentences.unknown(name));
        await session.remove("authorized-app", name);
      });
      context.say(`Removed app ${name}. ${noticed}`);
    });
}

function fieldsOf(options: AppOptions): Partial<Omit<AuthorizedApp, "name">> {
  return given({
    regions: options.region,
    healthAuthorityIds: options.healthAuthority === false ? [] : options.healthAuthority,
    bypassHealthAuthorityVerification: options.bypassVerification,
    bypassRevisionToken: options.bypassRevisionToken,
  });
}

function appText(app: AuthorizedApp): string {
  return details([
    ["name", app.name],
    ["regions", listText(app.regions)],
    ["health authorities", listText(app.healthAuthorityIds)],
    ["bypasses", listText(bypassesOf(app))],
  ]);
}

const examples = `
Examples:
  tekstream app create --name com.example.app --region US CA --health-authority us-ha
  tekstream app update --name com.example.app --region US
  tekstream app remove --name com.example.app
  tekstream app list --json`;
