import type { Log } from "../../shared/process/log.js";

/** A log that tells the operator, who does not see it, what the start-up is waiting for. */
export function tellingWaits(log: Log, err: (text: string) => void): Log {
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
