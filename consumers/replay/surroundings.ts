import type { Environment } from "../../shared/process/settings.js";
import type { ProgressBar } from "./progress-bar.js";

/** All that a replay has from outside. */
export interface Surroundings {
  readonly environment: Environment;
  readonly nowSeconds: () => number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly bar: ProgressBar;
}

/** 0: done. 1: failed. 2: wrong usage or settings. 3: there are differences, and nothing was changed. */
export type ExitCode = 0 | 1 | 2 | 3;
