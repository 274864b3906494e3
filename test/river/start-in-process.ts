import { openContext, type ProcessContext } from "../../shared/process/process-context.js";
import type { Log } from "../../shared/process/log.js";
import {
  readSettings,
  type Environment,
  type SettingsOf,
  type SettingsShape,
} from "../../shared/process/settings.js";
import { silentLog } from "./read-topic.js";

/** A process of ours inside the test's own. */
export interface InProcess<Running> {
  /** What its `start` gave. */
  readonly running: Running;
  stop(): Promise<void>;
}

/**
 * Starts a process by its own `start`, as its `main.ts` does, but inside the test: so that the test can give it a time
 * of its own. A crash fails the test file. The operators' port is a free one.
 */
export async function startInProcess<Shape extends SettingsShape, Running>(
  shape: Shape,
  environment: Environment,
  start: (context: ProcessContext<SettingsOf<Shape>>) => Promise<Running>,
  log: Log = silentLog,
): Promise<InProcess<Running>> {
  const settings = readSettings(shape, { ...environment, TEKSTREAM_HTTP_PORT: "0" });
  const { context, stop } = openContext({
    settings,
    log,
    crash(error) {
      queueMicrotask(() => {
        throw error;
      });
    },
  });
  return { running: await start(context), stop };
}
