import type { Environment } from "../../shared/process/settings.js";

/** All that the command line has from outside, so that a test can run it in its own process. */
export interface Surroundings {
  readonly environment: Environment;
  /** Unix seconds, with fractions. */
  readonly nowSeconds: () => number;
  /** What was asked for: tables, JSON, PEM. */
  readonly out: (text: string) => void;
  /** What was done, what went wrong, and the log. */
  readonly err: (text: string) => void;
  /** Runs another program of ours to its end, on the same terminal, and gives its exit code. */
  readonly start: (program: "replay", words: readonly string[], environment: Environment) => Promise<number>;
  /** Whether `err` shows on a terminal, where a bar may move. */
  readonly isErrTerminal: boolean;
}
