import { CommanderError } from "commander";
import { Unavailable } from "../../shared/process/outcomes.js";
import { SettingsError } from "../../shared/process/settings.js";
import { EndedWith, Refused, WrongUsage } from "./failures.js";
import { adminProgram } from "./program.js";
import type { Surroundings } from "./surroundings.js";

/** 0: done. 1: failed. 2: wrong usage or settings, nothing was tried. Others are told of where they are used. */
export type ExitCode = number;

/** Runs one command line, without the program's own name, and says how it ended. Never throws. */
export async function runAdmin(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    await adminProgram(surroundings).parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    return report(error, surroundings);
  }
}

function report(error: unknown, { err }: Surroundings): ExitCode {
  if (error instanceof EndedWith) return error.exitCode;
  // Commander has written its own text already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SettingsError) {
    err(`error: these settings are wrong; set them in the environment or in a file given by --env-file:\n`);
    err(`${error.message}\n`);
    return 2;
  }
  err(`error: ${sentenceOf(error)}\n`);
  return error instanceof WrongUsage ? 2 : 1;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Refused || error instanceof WrongUsage || error instanceof Unavailable)
    return error.message;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${cause}`;
}
