import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ProcessExit, RunningProcess } from "../river/a-process.js";
import { Supervisor } from "./supervisor.js";

const exit: ProcessExit = { code: 1, signal: null };

/** A process that ends when the test says so. */
function aProcess(name: string, log: string): { process: RunningProcess; end: () => void } {
  const logFile = join(mkdtempSync(join(tmpdir(), "tekstream-supervisor-")), `${name}.log`);
  writeFileSync(logFile, log);
  const listeners: ((exit: ProcessExit) => void)[] = [];
  const end = (): void => {
    for (const listener of listeners) listener(exit);
  };
  const process: RunningProcess = {
    name,
    port: 0,
    pid: 0,
    logFile,
    exitCode: null,
    ready: async () => undefined,
    signal: async () => {
      end();
    },
    start: () => undefined,
    onExit: (listener) => void listeners.push(listener),
  };
  return { process, end };
}

const crashed = '{"level":"error","message":"crashed","error":{"name":"TypeError"}}';
const stuck = '{"level":"error","message":"crashed","error":{"name":"NeedsOperator"}}';

test.each([
  ["crashed", crashed],
  ["needs_operator", stuck],
])("a process that ends by itself is a finding, though it is started again: %s", (reason, line) => {
  const supervisor = new Supervisor();
  const { process, end } = aProcess("stats-1", `{"level":"info"}\n${line}\n{"level":"info"}\n`);
  supervisor.watch(process);
  end();
  supervisor.stop();
  expect(supervisor.findings).toEqual([{ reason, detail: `stats-1 ended by itself (1): ${line}` }]);
});

test("a process that is killed is no finding, and neither is one that ends after the trial", async () => {
  const supervisor = new Supervisor();
  const { process, end } = aProcess("stats-1", crashed);
  supervisor.watch(process);
  await supervisor.kill("stats-1");
  supervisor.stop();
  end();
  expect(supervisor.findings).toEqual([]);
});
