import { existsSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import type { StepOrder } from "./testing/step-preload.js";

type Environment = Readonly<Record<string, string>>;

const preload = (name: string): string =>
  `--import ${join(root, `dist/test/hard-places/testing/${name}.js`)}`;

/** Settings under which one of several real processes kills or freezes itself at a step. */
export interface SteppedProcess {
  readonly env: Environment;
  /** From now on, once. */
  order(order: StepOrder): void;
  /** Resolves when a process has followed the order. */
  followed(secondsMax?: number): Promise<void>;
}

export function steppedProcess(): SteppedProcess {
  const file = join(mkdtempSync(join(tmpdir(), "tekstream-steps-")), "order.json");
  return {
    env: { NODE_OPTIONS: preload("step-preload"), TEKSTREAM_TEST_STEPS: file },
    order: (order) => {
      replace(file, JSON.stringify(order));
    },
    followed: async (secondsMax) => {
      await eventually("a process to come to the step", async () => !existsSync(file), secondsMax);
    },
  };
}

/** Settings under which a real process's clock differs from the machine's. */
export interface ShiftedClock {
  readonly env: Environment;
  /** From now on. */
  shift(seconds: number): void;
}

export function shiftedClock(): ShiftedClock {
  const file = join(mkdtempSync(join(tmpdir(), "tekstream-clock-")), "seconds");
  return {
    env: { NODE_OPTIONS: preload("clock-preload"), TEKSTREAM_TEST_CLOCK: file },
    shift: (seconds) => {
      replace(file, String(seconds));
    },
  };
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
