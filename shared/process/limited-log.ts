import type { Log } from "./log.js";

type Level = "info" | "warn" | "error";

/**
 * Writes a message at most so often a second, whatever is attached to it: a fault that comes with every request must not
 * fill the disk. How many lines were left out is told with the first line of a later second. Debug lines are asked for,
 * and all of them are there.
 */
export function limitedLog(log: Log, linesPerSecondMax: number, nowMs = () => performance.now()): Log {
  let second = -1;
  let lines = new Map<string, number>();

  const turnTo = (now: number): void => {
    if (now === second) return;
    const left = [...lines].filter(([, count]) => count > linesPerSecondMax);
    second = now;
    // All counts go: messages of libraries are no closed set.
    lines = new Map();
    if (left.length === 0) return;
    const leftOut = Object.fromEntries(left.map(([message, count]) => [message, count - linesPerSecondMax]));
    log.warn({ leftOut }, "lines were left out");
  };
  const limited =
    (level: Level): Log[Level] =>
    (fields, message) => {
      turnTo(Math.floor(nowMs() / 1000));
      const count = (lines.get(message) ?? 0) + 1;
      lines.set(message, count);
      if (count <= linesPerSecondMax) log[level](fields, message);
    };
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: limited("info"),
    warn: limited("warn"),
    error: limited("error"),
  };
}
