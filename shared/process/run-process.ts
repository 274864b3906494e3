import { setDefaultResultOrder } from "node:dns";
import { collectDefaultMetrics } from "prom-client";
import type { ProcessName } from "../topology.js";
import type { processSettings } from "./common-settings.js";
import { limitedLog } from "./limited-log.js";
import { createLog, type Log } from "./log.js";
import { openContext, type ProcessContext } from "./process-context.js";
import { printableSettings, readSettings, SettingsError } from "./settings.js";
import type { Environment, SettingsOf, SettingsShape } from "./settings.js";

type ProcessShape = Pick<typeof processSettings, "logLevel" | "logLinesPerSecondMax" | "stopSecondsMax">;

/**
 * Runs one process: settings, log, metrics, then `start`, then waits for SIGTERM or SIGINT and stops every part in
 * reverse order. Exit codes: 0 after a clean stop, 1 after a crash, 2 for wrong settings.
 */
export async function runProcess<Shape extends SettingsShape>(
  name: ProcessName,
  shape: Shape & ProcessShape,
  environment: Environment,
  start: (context: ProcessContext<SettingsOf<Shape>>) => Promise<unknown>,
): Promise<void> {
  setDefaultResultOrder("ipv4first");
  const settings = settingsOrExit(shape, environment);
  const { logLevel, logLinesPerSecondMax, stopSecondsMax } = settings as SettingsOf<ProcessShape>;
  const log = limitedLog(createLog(name, logLevel), logLinesPerSecondMax);
  log.info({ settings: printableSettings(shape, settings) }, "starting");
  const crash = (error: unknown): void => {
    log.error({ error }, "crashed");
    void exit(1);
  };
  const { context, stop } = openContext({ settings, log, crash });
  collectDefaultMetrics({ register: context.metrics });
  const exit = exiter(stop, stopSecondsMax, log);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void exit(0));
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  try {
    await start(context);
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

function exiter(
  stop: () => Promise<void>,
  stopSecondsMax: number,
  log: Log,
): (code: number) => Promise<void> {
  let exiting = false;
  return async (code) => {
    if (exiting) return;
    exiting = true;
    log.info({ code }, "stopping");
    setTimeout(() => process.exit(1), stopSecondsMax * 1000).unref();
    await stop();
    log.info({ code }, "stopped");
    process.exit(code);
  };
}
