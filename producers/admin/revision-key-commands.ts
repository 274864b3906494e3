import type { Command } from "commander";
import { deriveKey } from "../../shared/secrets/master-key.js";
import { createRevisionKey } from "../../shared/secrets/revision-key.js";
import { one } from "./arguments.js";
import { createRevisionKeyEntity, retireRevisionKey, type RevisionKeyReason } from "./change-revision-key.js";
import { carryOut, type CommandContext } from "./command-context.js";
import type { RevisionKeyView } from "./deployment-view.js";
import { parseId } from "./name-arguments.js";
import { details, timeText } from "./print.js";
import { revisionKeyTable } from "./print-deployment.js";
import { addShowCommands } from "./show-commands.js";

const sentences: Record<RevisionKeyReason, (about: string) => string> = {
  other_master_key: () =>
    "TEKSTREAM_MASTER_KEY is not the one that this deployment's keys are wrapped with: its gateways could not use the new key",
  unknown: (id) => `there is no revision key ${id}; see: tekstream revision-key list`,
  retired_already: (id) => `revision key ${id} is retired already`,
  last: (id) =>
    `revision key ${id} is the only one: make another first with "tekstream revision-key create", and wait a minute`,
};

/** Adds `tekstream revision-key …`. */
export function addRevisionKeyCommands(program: Command, context: CommandContext): void {
  const noun = program
    .command("revision-key")
    .description(
      "keys that encrypt revision tokens; the gateway makes and destroys them by itself when it is time",
    );
  addCreate(noun, context);
  addRetire(noun, context);
  addShowCommands<RevisionKeyView>(noun, context, {
    what: "revision key",
    all: ({ revisionKeys }) => revisionKeys,
    idOf: ({ id }) => id,
    listText: revisionKeyTable,
    showText: revisionKeyText,
  });
  noun.addHelpText("afterAll", examples);
}

function addCreate(noun: Command, context: CommandContext): void {
  noun
    .command("create")
    .description("make a key now; it encrypts new tokens a minute later, and the others still open theirs")
    .action(async () => {
      const master = context.masterKey();
      const key = createRevisionKey(deriveKey(master, "wrap-revision-key"), context.nowSeconds());
      await carryOut(
        context,
        { kind: "revision-key", id: key.id },
        sentences,
        (deployment) => createRevisionKeyEntity(deployment, key, master),
        `Created revision key ${key.id}`,
      );
      context.out(`${key.id}\n`);
    });
}

function addRetire(noun: Command, context: CommandContext): void {
  noun
    .command("retire")
    .description("destroy a key now: phones whose token it encrypted can't revise any more")
    .requiredOption("--id <id>", "which revision key", one(parseId))
    .action(async ({ id }: { id: string }) => {
      await carryOut(
        context,
        { kind: "revision-key", id },
        sentences,
        (deployment) => retireRevisionKey(deployment, id),
        `Retired revision key ${id}`,
      );
    });
}

function revisionKeyText(key: RevisionKeyView): string {
  return details([
    ["id", key.id],
    ["created", timeText(key.createdAtSeconds)],
    ["retired", key.retired ? "yes" : "no"],
  ]);
}

const examples = `
Examples:
  tekstream revision-key list
  tekstream revision-key create
  tekstream revision-key retire --id 1795470320000123

Only for a key that somebody else may have seen: make another, wait a minute, retire the old one.`;
