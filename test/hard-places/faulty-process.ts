import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../river/a-process.js";
import type { FaultOrder } from "./testing/fault-preload.js";

/** Settings under which a real process's connections to Kafka fail on order. */
export interface FaultyProcess {
  /** To be added to the environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on; nothing ends it but {@link FaultyProcess.heal}. */
  order(order: FaultOrder): void;
  heal(): void;
}

export function faultyProcess(): FaultyProcess {
  const file = join(mkdtempSync(join(tmpdir(), "tekstream-faults-")), "order.json");
  return {
    env: {
      NODE_OPTIONS: `--import ${join(root, "dist/test/hard-places/testing/fault-preload.js")}`,
      TEKSTREAM_TEST_FAULTS: file,
    },
    order(order) {
      writeFileSync(`${file}.new`, JSON.stringify(order));
      renameSync(`${file}.new`, file);
    },
    heal() {
      rmSync(file, { force: true });
    },
  };
}
