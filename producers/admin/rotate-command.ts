import type { Command } from "commander";
import { durationSeconds } from "../../shared/process/setting-kinds.js";
import { createSigningKey, type SigningKeyPair } from "../../shared/secrets/signing-key.js";
import { deriveKey } from "../../shared/secrets/master-key.js";
import { one } from "./arguments.js";
import { noticed, type CommandContext } from "./command-context.js";
import { exportSentences } from "./export-commands.js";
import { Refused, WrongUsage } from "./failures.js";
import { masterKeyFits } from "../../shared/deployment/master-key-fits.js";
import { parseId, parseSigningKeyName } from "./name-arguments.js";
import { noticeSeconds } from "./notice-seconds.js";
import type { Parsed } from "./parsed.js";
import { rotateSigningKey, type RotateReason } from "./rotate-signing-key.js";
import { signingKeySentences } from "./signing-key-sentences.js";
import { timeForms } from "./time-argument.js";
import { timeOption } from "./time-option.js";

const sentences: Record<RotateReason, (about: string) => string> = {
  ...exportSentences,
  ...signingKeySentences,
  unused: (id) => `no export is signed with ${id}: see "tekstream export list"`,
  too_soon: () => `--from must be more than ${noticeSeconds} s from now, so that every process knows by then`,
  ends_before: (id) => `signing key ${id} ends before the new one would begin: nobody would sign in between`,
};

interface RotateOptions {
  readonly id: string;
  readonly newId: string;
  readonly keyId?: string;
  readonly keyVersion: string;
  readonly from: string;
  readonly overlap: number | "none";
}

/** Adds `tekstream signing-key rotate`. */
export function addRotate(noun: Command, context: CommandContext): void {
  noun
    .command("rotate")
    .description(
      "make a new key, have every export that the old one signs name it too, and let the old one end; prints the public key",
    )
    .requiredOption("--id <id>", "the old signing key", one(parseId))
    .requiredOption("--new-id <id>", "the new key's id in this deployment", one(parseId))
    .requiredOption(
      "--key-version <version>",
      "the new key's version in the export",
      one(parseSigningKeyName),
    )
    .option(
      "--key-id <id>",
      "the new key's id in the export (default: the old key's)",
      one(parseSigningKeyName),
    )
    .requiredOption("--from <time>", `the new key signs windows that end from then on: ${timeForms}`)
    .requiredOption(
      "--overlap <duration>",
      "how long windows carry both signatures, or none: clients such as microG refuse files with two",
      one(parseOverlap),
    )
    .action(async (options: RotateOptions) => {
      await rotate(context, options);
    });
}

async function rotate(context: CommandContext, options: RotateOptions): Promise<void> {
  const { id: oldId, newId } = options;
  const [master, nowSeconds] = [context.masterKey(), context.nowSeconds()];
  const fromSeconds = timeOption("--from", options.from, nowSeconds);
  const overlapSeconds = options.overlap === "none" ? undefined : options.overlap;
  await context.withSession(async (session) => {
    const { deployment } = session;
    if (!masterKeyFits(deployment, master)) throw new Refused(sentences.other_master_key(newId));
    const keyId = options.keyId ?? deployment.signingKeys.get(oldId)?.verificationKeyId ?? "";
    const rotation = { oldId, newId, fromSeconds, overlapSeconds, pair: newPair(keyId, options.keyVersion) };
    const wrappingKey = deriveKey(master, "wrap-signing-key");
    const outcome = rotateSigningKey(deployment, rotation, nowSeconds, wrappingKey);
    if (outcome.kind === "refuse") throw new Refused(sentences[outcome.reason](outcome.about));
    for (const { kind, id, changed } of outcome.steps) {
      await session.put(kind, id, changed);
      context.say(`Wrote ${kind} ${id}`);
    }
    context.out(rotation.pair.publicKeyPem);
  });
  context.say(`Rotated ${oldId} to ${newId}. ${noticed}`);
}

function newPair(keyId: string, keyVersion: string): SigningKeyPair {
  // An old key that is not there has no id; deciding on the rotation says so.
  const outcome = createSigningKey(keyId === "" ? "unknown" : keyId, keyVersion);
  if (outcome.kind !== "created") throw new WrongUsage(`--key-id or --key-version: ${outcome.reason}`);
  return outcome.pair;
}

function parseOverlap(text: string): Parsed<number | "none"> {
  if (text === "none") return { ok: true, value: text };
  const overlapSeconds = durationSeconds(text);
  if (overlapSeconds !== undefined && Number.isInteger(overlapSeconds) && overlapSeconds >= 0)
    return { ok: true, value: overlapSeconds };
  return { ok: false, error: "expected a duration such as 336h, or none" };
}
