import { setDefaultResultOrder } from "node:dns";
import { Registry, collectDefaultMetrics } from "prom-client";
import type { ProcessName } from "../topology.js";
import { createLog, type Log, type LogLevel } from "./log.js";
import { Readiness } from "./readiness.js";
import { printableSettings, readSettings, SettingsError } from "./settings.js";
import type { Environment, SettingsOf, SettingsShape } from "./settings.js";

/** What a composition root is given. */
export interface ProcessContext<Settings> {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Registry;
  readonly readiness: Readiness;
  /** Registers what has to be stopped; stopped in reverse order. Gives it back, so that it can be used at once. */
  own<Part extends { stop(): Promise<void> }>(part: Part): Part;
  /** Ends the process: exit code 1, and the supervisor starts it anew. */
  crash(error: unknown): void;
}

const stopSecondsMax = 20;

/**
 * Runs one process: settings, log, metrics, then `compose`, then waits for SIGTERM or SIGINT and stops every part
 * in reverse order. Exit codes: 0 after a clean stop, 1 after a crash, 2 for wrong settings.
 */
export async function runProcess<Shape extends SettingsShape>(
  name: ProcessName,
  shape: Shape & { readonly logLevel: SettingsShape[string] },
  environment: Environment,
  compose: (context: ProcessContext<SettingsOf<Shape>>) => Promise<void>,
): Promise<void> {
  setDefaultResultOrder("ipv4first");
  const settings = settingsOrExit(shape, environment);
  const log = createLog(name, (settings as { logLevel: LogLevel }).logLevel);
  log.info({ settings: printableSettings(shape, settings) }, "starting");
  const parts: { stop(): Promise<void> }[] = [];
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const stop = stopper(parts, log);
  const crash = (error: unknown): void => {
    log.error({ error }, "crashed");
    void stop(1);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(0));
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  const own = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    parts.push(part);
    return part;
  };
  try {
    await compose({ settings, log, metrics, readiness: new Readiness(), own, crash });
    log.info({}, "started");
  } catch (error) {
    crash(error);
  }
}

function settingsOrExit<Shape extends SettingsShape>(
  shape: Shape,
  environment: Environment,
): SettingsOf<Shape> {
  try {
    return readSettings(shape, environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`These settings are wrong:\n${error.message}\n`);
    process.exit(2);
  }
}

function stopper(parts: { stop(): Promise<void> }[], log: Log): (code: number) => Promise<void> {
  let stopping = false;
  return async (code) => {
    if (stopping) return;
    stopping = true;
    log.info({ code }, "stopping");
    setTimeout(() => process.exit(1), stopSecondsMax * 1000).unref();
    for (const part of parts.toReversed()) {
      await part.stop().catch((error: unknown) => {
        log.warn({ error }, "a part did not stop cleanly");
      });
    }
    log.info({ code }, "stopped");
    process.exit(code);
  };
}
