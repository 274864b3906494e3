import type { Command } from "commander";
import { parseMasterKey, type MasterKey } from "../../shared/secrets/master-key.js";
import type { EntityKind } from "../../shared/deployment/apply-change.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import { createLog } from "../../shared/process/log.js";
import { readSettings, type Environment } from "../../shared/process/settings.js";
import type { ChangeOutcome } from "./change-outcome.js";
import { adminSettings, explainSettings, signingKeySettings } from "./config.js";
import { withEnvFile } from "./env-file.js";
import { withOpened, type Opened } from "./explain-session.js";
import { EndedWith, Refused, WrongUsage } from "./failures.js";
import { progress, type Progress } from "./progress.js";
import { withSession, type Session } from "./session.js";
import type { Surroundings } from "./surroundings.js";

/** What every command may use. */
export interface CommandContext {
  /** Whole unix seconds. */
  nowSeconds(): number;
  readonly out: (text: string) => void;
  /** One sentence to the operator. */
  say(sentence: string): void;
  /** Shows how far a long command is, where somebody may look. */
  progress(title: string, total: number): Progress;
  /** Settings are read, and the cluster is asked, only now. */
  withSession(work: (session: Session) => Promise<void>): Promise<void>;
  /** The same for reading everything: log, view and exports. */
  withOpened(work: (opened: Opened) => Promise<void>): Promise<void>;
  /** Runs another program of ours with the same settings. @throws {EndedWith} when it does not end with 0. */
  start(program: Parameters<Surroundings["start"]>[0], words: readonly string[]): Promise<void>;
  /** @throws {WrongUsage} when it is not a master key; the message does not show it. */
  masterKey(): MasterKey;
}

/** The context of a program whose options are `--env-file` and `--timeout`. */
export function commandContext(program: Command, surroundings: Surroundings): CommandContext {
  const { out, err } = surroundings;
  const options = (): { envFile?: string; timeout: number } => program.opts();
  const environment = (): Environment => withEnvFile(surroundings.environment, options().envFile);
  return {
    nowSeconds: () => Math.floor(surroundings.nowSeconds()),
    out,
    say: (sentence) => {
      err(`${sentence}\n`);
    },
    progress: (title, total) => progress(surroundings.isErrTerminal, title, total),
    withSession: async (work) => {
      const settings = readSettings(adminSettings, environment());
      const log = createLog("admin", settings.logLevel, { write: err });
      await withSession(settings, log, options().timeout, work);
    },
    withOpened: async (work) => {
      const settings = readSettings(explainSettings, environment());
      const log = createLog("admin", settings.logLevel, { write: err });
      await withOpened(settings, log, options().timeout, work);
    },
    start: async (program, words) => {
      const exitCode = await surroundings.start(program, words, environment());
      if (exitCode !== 0) throw new EndedWith(exitCode);
    },
    masterKey: () => masterKeyOf(readSettings(signingKeySettings, environment()).masterKey),
  };
}

/**
 * Reads the entity, writes it as `decide` says, and tells the operator.
 * @throws {Refused} with the sentence for the reason, when `decide` refuses.
 */
export async function carryOut<Reason extends string>(
  context: CommandContext,
  entity: { readonly kind: EntityKind; readonly id: string },
  sentences: Readonly<Record<Reason, (about: string) => string>>,
  decide: (deployment: Deployment) => ChangeOutcome<Reason>,
  done: string,
): Promise<void> {
  await context.withSession(async (session) => {
    const outcome = decide(session.deployment);
    if (outcome.kind === "refuse") throw new Refused(sentences[outcome.reason](outcome.about));
    await session.put(entity.kind, entity.id, outcome.changed);
  });
  context.say(`${done}. ${noticed}`);
}

/** What follows from every change. */
export const noticed = "Processes notice within seconds.";

/** Refuses a change command that names nothing to change. */
export function requireSome(fields: object, what: string): void {
  if (Object.keys(fields).length === 0)
    throw new WrongUsage(`nothing to change: give at least one of ${what}`);
}

function masterKeyOf(text: string): MasterKey {
  try {
    return parseMasterKey(text);
  } catch (error) {
    throw new WrongUsage(`TEKSTREAM_MASTER_KEY: ${error instanceof Error ? error.message : String(error)}`);
  }
}
