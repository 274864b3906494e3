import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { createSigningKey, type SigningKeyPair } from "../../shared/secrets/signing-key.js";
import { deriveKey, type MasterKey } from "../../shared/secrets/master-key.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import { one } from "./arguments.js";
import {
  createSigningKeyEntity,
  retireSigningKey,
  type SigningKeyOutcome,
  type SigningTimes,
} from "./change-signing-key.js";
import { carryOut, type CommandContext } from "./command-context.js";
import type { SigningKeyView } from "./deployment-view.js";
import { Refused, WrongUsage } from "./failures.js";
import { masterKeyFits } from "../../shared/deployment/master-key-fits.js";
import { parseId, parseSigningKeyName } from "./name-arguments.js";
import { details, timeText } from "./print.js";
import { signingKeyTable, validity } from "./print-deployment.js";
import { addRotate } from "./rotate-command.js";
import { addShowCommands } from "./show-commands.js";
import { signingKeySentences } from "./signing-key-sentences.js";
import { timeForms } from "./time-argument.js";
import { timeOption } from "./time-option.js";

/** Adds `tekstream signing-key …`. */
export function addSigningKeyCommands(program: Command, context: CommandContext): void {
  const noun = program
    .command("signing-key")
    .description("keys that sign exports, and that phones check them with");
  addCreate(noun, context);
  addRotate(noun, context);
  addRetire(noun, context);
  addShowCommands<SigningKeyView>(noun, context, {
    what: "signing key",
    all: ({ signingKeys }) => signingKeys,
    idOf: ({ id }) => id,
    listText: signingKeyTable,
    showText: signingKeyText,
  });
  noun.addHelpText("afterAll", examples);
}

interface CreateOptions {
  readonly id: string;
  readonly keyId: string;
  readonly keyVersion: string;
  readonly from?: string;
  readonly thru?: string;
  readonly publicKeyOut?: string;
}

function addCreate(noun: Command, context: CommandContext): void {
  noun
    .command("create")
    .description(
      "make a P-256 key pair: the public half is printed, the private one stored wrapped by TEKSTREAM_MASTER_KEY",
    )
    .requiredOption("--id <id>", "its id in this deployment", one(parseId))
    .requiredOption(
      "--key-id <id>",
      "its id in the export: the mobile country code by custom",
      one(parseSigningKeyName),
    )
    .requiredOption("--key-version <version>", "its version in the export", one(parseSigningKeyName))
    .option("--from <time>", `it signs windows that end from then on: ${timeForms}`, "now")
    .option("--thru <time>", "it signs windows that end until then (default: no end)")
    .option("--public-key-out <file>", "write the public key to a file, too")
    .action(async (options: CreateOptions) => {
      const { id } = options;
      const [master, times, pair] = [
        context.masterKey(),
        timesOf(options, context.nowSeconds()),
        newPair(options),
      ];
      const entity = { kind: "signing-key", id } as const;
      const decide = (deployment: Deployment): SigningKeyOutcome =>
        decideCreate(deployment, id, pair, times, master);
      await carryOut(context, entity, signingKeySentences, decide, `Created signing key ${id}`);
      if (/\./.test(pair.verificationKeyId + pair.verificationKeyVersion))
        context.say("Periods in --key-id or --key-version are accepted by iOS, but not by Android");
      context.out(pair.publicKeyPem);
      if (options.publicKeyOut !== undefined) writePem(options.publicKeyOut, pair.publicKeyPem, id);
    });
}

function addRetire(noun: Command, context: CommandContext): void {
  noun
    .command("retire")
    .description("let a key sign no window that ends later; it stays, for windows that it signed")
    .requiredOption("--id <id>", "which signing key", one(parseId))
    .requiredOption("--at <time>", `${timeForms}; not in the past`)
    .action(async ({ id, at }: { id: string; at: string }) => {
      const nowSeconds = context.nowSeconds();
      const atSeconds = timeOption("--at", at, nowSeconds);
      const decide = (deployment: Deployment): SigningKeyOutcome =>
        retireSigningKey(deployment, id, atSeconds, nowSeconds);
      await carryOut(
        context,
        { kind: "signing-key", id },
        signingKeySentences,
        decide,
        `Retired signing key ${id}`,
      );
    });
}

function decideCreate(
  deployment: Deployment,
  id: string,
  pair: SigningKeyPair,
  times: SigningTimes,
  master: MasterKey,
): SigningKeyOutcome {
  if (!masterKeyFits(deployment, master)) return { kind: "refuse", reason: "other_master_key", about: id };
  return createSigningKeyEntity(deployment, id, pair, times, deriveKey(master, "wrap-signing-key"));
}

function newPair({ keyId, keyVersion }: CreateOptions): SigningKeyPair {
  const outcome = createSigningKey(keyId, keyVersion);
  if (outcome.kind !== "created") throw new WrongUsage(`--key-id or --key-version: ${outcome.reason}`);
  return outcome.pair;
}

function timesOf({ from, thru }: CreateOptions, nowSeconds: number): SigningTimes {
  return {
    fromSeconds: timeOption("--from", from ?? "now", nowSeconds),
    thruSeconds: thru === undefined ? undefined : timeOption("--thru", thru, nowSeconds),
  };
}

function writePem(path: string, pem: string, id: string): void {
  try {
    writeFileSync(path, pem);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused(
      `the key was made, but ${path} could not be written (${why}): see "tekstream signing-key show --id ${id}"`,
    );
  }
}

function signingKeyText(key: SigningKeyView, nowSeconds: number): string {
  const about = details([
    ["id", key.id],
    ["key id", key.verificationKeyId],
    ["key version", key.verificationKeyVersion],
    ["from", timeText(key.fromSeconds)],
    ["thru", timeText(key.thruSeconds)],
    ["now", validity(key, nowSeconds)],
  ]);
  return `${about}\n${key.publicKeyPem}`;
}

const examples = `
Examples:
  tekstream signing-key create --id us-2026 --key-id 310 --key-version v1 --public-key-out us-2026.pem
  tekstream export update --id us --signing-key us-2026
  tekstream signing-key rotate --id us-2026 --new-id us-2027 --key-version v2 --from +336h --overlap none
  tekstream signing-key retire --id us-2025 --at +24h
  tekstream signing-key show --id us-2026

The public key goes to the vendors of the phones' systems, with its id and version.`;
