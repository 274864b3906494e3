import type { Environment } from "../../shared/process/settings.js";
import { runAdmin, type ExitCode } from "./run-admin.js";

/** What a command line did: how it ended, and what it wrote where. */
export interface Ran {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function run(argv: readonly string[], environment: Environment = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const exitCode = await runAdmin(argv, {
    environment,
    nowSeconds: () => Date.now() / 1000,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    start: () => Promise.reject(new Error("no other program is started here")),
    isErrTerminal: false,
  });
  return { exitCode, out, err };
}
