import { pino, type LoggerOptions } from "pino";

/** What every part may write to: structured lines, never keys, certificates, tokens or addresses. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where log lines go; each ends with a line feed. */
export interface LogDestination {
  write(line: string): void;
}

/** JSON lines, each with the process name, on standard output or where the caller says. */
export function createLog(
  process: string,
  level: LogLevel,
  destination: LogDestination = pino.destination(1),
): Log {
  const options: LoggerOptions = {
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: describeError },
  };
  return pino(options, destination);
}

/** MongoDB's code for a key that is there already. */
const duplicateKeyCode = 11_000;
/** Errors in which MongoDB says what could not be written: the message names the document, and with it a TEK. */
const namesOfWriteErrors = ["MongoBulkWriteError", "MongoWriteConcernError"];

/** What of an error may be logged: name, message, code and stack, never documents or requests. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack = "" } = error;
  const code = "code" in error ? error.code : undefined;
  const cause = error.cause instanceof Error ? { cause: describeError(error.cause) } : {};
  const told = {
    name,
    ...(code === undefined ? {} : { code }),
    ...cause,
  };
  if (namesOfWriteErrors.includes(name) || code === duplicateKeyCode)
    return { ...told, stack: frames(stack) };
  return { ...told, message, stack };
}

/** A stack without the message that it begins with. */
function frames(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .join("\n");
}
