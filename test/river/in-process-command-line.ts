import { runAdmin } from "../../producers/admin/run-admin.js";
import { startProgram } from "../../producers/admin/start-program.js";
import type { Tekstream } from "./set-up.js";

/**
 * The command line inside the test's own process: to set a deployment up takes several commands, and starting a process for
 * each costs more than what it does. What a test says of the command line it says of the real one.
 */
export function inProcessCommandLine(env: Readonly<Record<string, string>>): Tekstream {
  return async (...args) => {
    let [out, err] = ["", ""];
    const exitCode = await runAdmin(args, {
      environment: env,
      nowSeconds: () => Date.now() / 1000,
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      start: startProgram,
      isErrTerminal: false,
    });
    if (exitCode !== 0) throw new Error(`tekstream ${args.join(" ")} ended with ${exitCode}: ${err}`);
    return out;
  };
}
