import { spawn } from "node:child_process";

import type { Env } from "./paths.js";

/** A command that ended with another status than 0, with the end of what it said. */
export class CommandFailed extends Error {
  constructor(command: readonly string[], status: number | string, output: string) {
    super(`${command.join(" ")} ended with ${status}:\n${lastLines(output, 15)}`);
    this.name = "CommandFailed";
  }
}

/** Runs a command to its end and returns standard output and error together. Throws CommandFailed. */
export async function runCommand(
  command: readonly [string, ...string[]],
  options: { env: Env; cwd?: string },
): Promise<string> {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let output = "";
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-200_000));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const status = await new Promise<number | string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal ?? "no status"));
  });
  if (status !== 0) throw new CommandFailed(command, status, output);
  return output;
}

/** The last `count` lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
