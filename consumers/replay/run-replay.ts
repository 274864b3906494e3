import { parseArgs } from "node:util";
import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { masterKeyFits } from "../../shared/deployment/master-key-fits.js";
import { createLog, type Log } from "../../shared/process/log.js";
import { readSettings, SettingsError, type Environment } from "../../shared/process/settings.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey, parseMasterKey, type MasterKey } from "../../shared/secrets/master-key.js";
import { KeyMemory } from "../../shared/view/key-memory.js";
import { connectView } from "../../shared/view/connect-view.js";
import { replaySettings } from "./config.js";
import type { ProgressBar } from "./progress-bar.js";
import { isSame, reportText } from "./report-text.js";
import { replayStore, type StoreOptions } from "./store.js";

/** All that a replay has from outside. */
export interface Surroundings {
  readonly environment: Environment;
  readonly nowSeconds: () => number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly bar: ProgressBar;
}

/** It was given something that can't be right, whatever the deployment holds. */
class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** 0: done. 1: failed. 2: wrong usage or settings. 3: there are differences, and nothing was swapped. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Runs one replay, and says how it ended. Never throws. */
export async function runReplay(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { err, bar } = surroundings;
  try {
    return await runStore(storeOptions(argv), surroundings);
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

async function runStore(options: StoreOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { environment, nowSeconds, out, err, bar } = surroundings;
  const settings = readSettings(replaySettings, environment);
  const log = tellingWaits(createLog("replay", settings.logLevel, { write: err }), err);
  const { connection, framing } = await openLog("replay", settings, log);
  const master = masterKeyOf(settings.masterKey);
  const deployment = new DeploymentFollower(connection, framing);
  const view = connectView({ ...settings, process: "replay" });
  const { keysRetentionSeconds } = settings;
  try {
    await deployment.start();
    if (!masterKeyFits(deployment.current, master))
      throw new WrongUsage("TEKSTREAM_MASTER_KEY is not the one that this deployment was set up with");
    await untilAvailable("MongoDB", log, () => view.ping());
    const onProgress: ProgressBar["update"] = (passed) => {
      bar.update(passed);
    };
    // What is remembered depends on these two alone; the others tell where to look.
    const rule = { ...settings, truncateWindowSeconds: 3600, releaseStillValidKeys: false };
    const memory = new KeyMemory(view, deriveKey(master, "key-memory"), rule);
    const parts = { connection, framing, view, keysRetentionSeconds, memory, nowSeconds, onProgress };
    const report = await replayStore(parts, options);
    bar.stop();
    out(reportText(report));
    return options.swap || isSame(report.comparison) ? 0 : 3;
  } finally {
    await Promise.allSettled([deployment.stop(), view.stop()]);
  }
}

/** A log that tells the operator, who does not see it, what the start-up is waiting for. */
function tellingWaits(log: Log, err: (text: string) => void): Log {
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => {
      if ("what" in fields) err(`waiting for ${String(fields.what)}\n`);
      log.warn(fields, message);
    },
    error: (fields, message) => log.error(fields, message),
  };
}

/** @throws {WrongUsage} when it is none; the message does not show it. */
function masterKeyOf(text: string): MasterKey {
  try {
    return parseMasterKey(text);
  } catch (error) {
    throw new WrongUsage(`TEKSTREAM_MASTER_KEY: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws {WrongUsage} for words that it does not know. */
function storeOptions(argv: readonly string[]): StoreOptions {
  const { values, positionals } = parsed(argv);
  if (positionals.join(" ") !== "store") throw new WrongUsage("what is to be replayed? store");
  if (values["dry-run"] && values.swap) throw new WrongUsage("--dry-run and --swap exclude each other");
  return { swap: values.swap, acceptGaps: values["accept-gaps"] };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        "dry-run": { type: "boolean", default: false },
        swap: { type: "boolean", default: false },
        "accept-gaps": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}
