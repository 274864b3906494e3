import type { Command } from "commander";
import { one } from "./arguments.js";
import {
  activateKey,
  addKey,
  createHealthAuthority,
  reinstateKey,
  revokeKey,
  updateHealthAuthority,
  type HealthAuthorityOutcome,
  type HealthAuthorityReason,
  type NewKey,
} from "./change-health-authority.js";
import { carryOut, requireSome, type CommandContext } from "./command-context.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import type { HealthAuthorityView } from "./deployment-view.js";
import { WrongUsage } from "./failures.js";
import { given } from "./given.js";
import { parseId, parseJwksUri, parseText } from "./name-arguments.js";
import { details, timeText } from "./print.js";
import { healthAuthorityTable, validity } from "./print-deployment.js";
import { readPublicKey } from "./public-key-file.js";
import { addShowCommands } from "./show-commands.js";
import { timeForms } from "./time-argument.js";
import { timeOption } from "./time-option.js";

const sentences: Record<HealthAuthorityReason, (about: string) => string> = {
  exists: (id) =>
    `health authority ${id} exists already: use "tekstream health-authority update" or "add-key"`,
  issuer_taken: (id) => `health authority ${id} has this issuer already, and an issuer names just one`,
  unknown: (id) => `there is no health authority ${id}; see: tekstream health-authority list`,
  key_exists: (version) => `key version ${version} exists already: give the new key another --key-version`,
  unknown_key: (version) => `there is no key version ${version}; see: tekstream health-authority show`,
  revoked_already: (version) => `key version ${version} has ended already`,
  not_revoked: (version) => `key version ${version} has no end: there is nothing to reinstate`,
  active_already: (version) => `key version ${version} began already: there is nothing to activate`,
  revoked: (version) =>
    `key version ${version} is revoked: use "tekstream health-authority reinstate-key" first`,
};

/** Adds `tekstream health-authority …`. */
export function addHealthAuthorityCommands(program: Command, context: CommandContext): void {
  const noun = program
    .command("health-authority")
    .description("who signs verification certificates, and with which keys");
  addCreate(noun, context);
  addUpdate(noun, context);
  addAddKey(noun, context);
  addKeyAction(
    noun,
    context,
    "revoke-key",
    "end a key now: certificates signed with it are refused",
    revokeKey,
  );
  addKeyAction(noun, context, "reinstate-key", "take the end of a key away", reinstateKey);
  addKeyAction(noun, context, "activate-key", "let a key that begins later begin now", activateKey);
  addShowCommands<HealthAuthorityView>(noun, context, {
    what: "health authority",
    all: ({ healthAuthorities }) => healthAuthorities,
    idOf: ({ id }) => id,
    listText: healthAuthorityTable,
    showText: healthAuthorityText,
  });
  noun.addHelpText("afterAll", examples);
}

interface Fields {
  readonly id: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly name?: string;
  readonly stats?: boolean;
  /** False when it is to be taken away. */
  readonly jwksUri?: string | false;
}

interface KeyOptions {
  readonly keyVersion?: string;
  readonly publicKey?: string;
  readonly from?: string;
}

function addCreate(noun: Command, context: CommandContext): void {
  noun
    .command("create")
    .description("add a health authority, with its first key if one is given")
    .requiredOption("--id <id>", "its id in this deployment", one(parseId))
    .requiredOption("--issuer <text>", 'the "iss" of its certificates, unique', one(parseText))
    .requiredOption("--audience <text>", 'the "aud" of its certificates', one(parseText))
    .requiredOption("--name <text>", "a name for people", one(parseText))
    .option("--no-stats", "it may not read its statistics")
    .option("--jwks-uri <uri>", jwksHelp, one(parseJwksUri))
    .option("--key-version <version>", 'the "kid" of certificates signed with the first key', one(parseText))
    .option("--public-key <file>", "the first key: PEM, BEGIN PUBLIC KEY, P-256")
    .action(async (options: Required<Omit<Fields, "jwksUri">> & { jwksUri?: string } & KeyOptions) => {
      const { id, issuer, audience, name, stats, jwksUri = "" } = options;
      const key = newKey(options, context.nowSeconds());
      const fields = { issuer, audience, name, statsEnabled: stats, jwksUri };
      await apply(
        context,
        id,
        (deployment) => createHealthAuthority(deployment, id, fields, key),
        `Created health authority ${id}`,
      );
      tellAboutDocument(context, jwksUri);
    });
}

function addUpdate(noun: Command, context: CommandContext): void {
  noun
    .command("update")
    .description("change what is given; the rest, and the keys, stay")
    .requiredOption("--id <id>", "which health authority", one(parseId))
    .option("--issuer <text>", 'the "iss" of its certificates, unique', one(parseText))
    .option("--audience <text>", 'the "aud" of its certificates', one(parseText))
    .option("--name <text>", "a name for people", one(parseText))
    .option("--stats", "it may read its statistics")
    .option("--no-stats", "it may not")
    .option("--jwks-uri <uri>", jwksHelp, one(parseJwksUri))
    .option("--no-jwks-uri", "it lists its keys nowhere any more; those discovered stay as they are")
    .action(async ({ id, issuer, audience, name, stats, jwksUri: uri }: Fields) => {
      const jwksUri = uri === false ? "" : uri;
      const fields = given({ issuer, audience, name, statsEnabled: stats, jwksUri });
      requireSome(fields, "--issuer, --audience, --name, --stats, --no-stats, --jwks-uri, --no-jwks-uri");
      await apply(
        context,
        id,
        (deployment) => updateHealthAuthority(deployment, id, fields),
        `Updated health authority ${id}`,
      );
      tellAboutDocument(context, jwksUri);
    });
}

function addAddKey(noun: Command, context: CommandContext): void {
  noun
    .command("add-key")
    .description("add a key, beside those that are there")
    .requiredOption("--id <id>", "which health authority", one(parseId))
    .requiredOption("--key-version <version>", 'the "kid" of certificates signed with it', one(parseText))
    .requiredOption("--public-key <file>", "PEM, BEGIN PUBLIC KEY, P-256")
    .option("--from <time>", `when it begins: ${timeForms} (default: at once)`)
    .action(async (options: { id: string } & KeyOptions) => {
      const key = newKey(options, context.nowSeconds());
      if (key === undefined) throw new WrongUsage("a key needs --key-version and --public-key");
      const { id } = options;
      let isListedElsewhere = false;
      const decide = (deployment: Deployment): HealthAuthorityOutcome => {
        isListedElsewhere = deployment.healthAuthorities.get(id)?.jwksUri !== undefined;
        return addKey(deployment, id, key);
      };
      await apply(context, id, decide, `Added key version ${key.version} to ${id}`);
      if (isListedElsewhere)
        context.say(
          "If its document of keys lacks this key, it is revoked soon; reinstate-key keeps it then.",
        );
    });
}

function addKeyAction(
  noun: Command,
  context: CommandContext,
  verb: string,
  description: string,
  decide: (deployment: Deployment, id: string, version: string, nowSeconds: number) => HealthAuthorityOutcome,
): void {
  noun
    .command(verb)
    .description(description)
    .requiredOption("--id <id>", "which health authority", one(parseId))
    .requiredOption("--key-version <version>", "which of its keys", one(parseText))
    .action(async ({ id, keyVersion }: { id: string; keyVersion: string }) => {
      const done = `${verb}: key version ${keyVersion} of ${id} is changed`;
      await apply(
        context,
        id,
        (deployment) => decide(deployment, id, keyVersion, context.nowSeconds()),
        done,
      );
    });
}

const jwksHelp = "where it lists its keys (JWKS): new ones are taken from there, missing ones revoked";

function tellAboutDocument(context: CommandContext, jwksUri: string | undefined): void {
  if (jwksUri?.startsWith("http:") === true)
    context.say(
      "An address without TLS is fetched only if JWKS_ALLOWED_HOSTS of the jwks process has its host.",
    );
}

function apply(
  context: CommandContext,
  id: string,
  decide: (deployment: Deployment) => HealthAuthorityOutcome,
  done: string,
): Promise<void> {
  return carryOut(context, { kind: "health-authority", id }, sentences, decide, done);
}

function newKey({ keyVersion, publicKey, from }: KeyOptions, nowSeconds: number): NewKey | undefined {
  if (keyVersion === undefined && publicKey === undefined) return undefined;
  if (keyVersion === undefined || publicKey === undefined)
    throw new WrongUsage("--key-version and --public-key belong together: give both or none");
  // A key is valid after its beginning: one second earlier makes it valid at once.
  const fromSeconds = from === undefined ? nowSeconds - 1 : timeOption("--from", from, nowSeconds);
  return { version: keyVersion, fromSeconds, publicKeyPem: readPublicKey(publicKey) };
}

function healthAuthorityText(authority: HealthAuthorityView, nowSeconds: number): string {
  const keys = authority.keys.map(
    (key) =>
      `\nkey ${key.version}: ${validity(key, nowSeconds)}, from ${timeText(key.fromSeconds)}, thru ${timeText(key.thruSeconds)}${key.discovered ? ", discovered" : ""}\n${key.publicKeyPem}`,
  );
  const about = details([
    ["id", authority.id],
    ["issuer", authority.issuer],
    ["audience", authority.audience],
    ["name", authority.name],
    ["statistics", authority.statsEnabled ? "yes" : "no"],
    ["lists its keys at", authority.jwksUri ?? "nowhere"],
    [
      "keys",
      authority.keys.length === 0
        ? "none: no certificate is accepted; use add-key or --jwks-uri"
        : String(authority.keys.length),
    ],
  ]);
  return `${about}${keys.join("")}`;
}

const examples = `
Examples:
  tekstream health-authority create --id us-ha --issuer gov.example.ha --audience tekstream \\
      --name "Example health authority" --key-version v1 --public-key ha-public.pem
  tekstream health-authority add-key --id us-ha --key-version v2 --public-key ha-v2.pem --from +24h
  tekstream health-authority activate-key --id us-ha --key-version v2
  tekstream health-authority revoke-key --id us-ha --key-version v1
  tekstream health-authority update --id us-ha --jwks-uri https://ha.example/jwks.json
  tekstream health-authority show --id us-ha

A key is valid after its beginning and before its end. A new one is valid at once unless --from says otherwise.
With --jwks-uri the document there lists all keys that are valid: also those of add-key are revoked when it lacks them.
What revoke-key and reinstate-key say afterwards counts more than the document.`;
