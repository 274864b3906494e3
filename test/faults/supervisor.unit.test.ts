import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { ProcessExit, RunningProcess } from "../river/a-process.js";
import { Supervisor } from "./supervisor.js";

const failed: ProcessExit = { code: 1, signal: null };

/** A process that ends when the test says so; told to stop it ends like `exit`, after so many seconds. */
function aProcess(
  log: string,
  { exit = failed, seconds = 0 } = {},
): { process: RunningProcess; end: () => void } {
  const logFile = join(mkdtempSync(join(tmpdir(), "tekstream-supervisor-")), "log");
  writeFileSync(logFile, log);
  const listeners: ((exit: ProcessExit) => void)[] = [];
  const end = (): void => {
    for (const listener of listeners) listener(exit);
  };
  const process: RunningProcess = {
    name: "stats-1",
    port: 0,
    pid: 0,
    logFile,
    exitCode: null,
    ready: async () => undefined,
    signal: async () => {
      if (seconds > 0) vi.advanceTimersByTime(seconds * 1000);
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
  const { process, end } = aProcess(`{"level":"info"}\n${line}\n{"level":"info"}\n`);
  supervisor.watch(process);
  end();
  supervisor.stop();
  expect(supervisor.findings).toEqual([{ reason, detail: `stats-1 ended by itself (1): ${line}` }]);
});

test("a process that is killed is no finding, and neither is one that ends after the trial", async () => {
  const supervisor = new Supervisor();
  const { process, end } = aProcess(crashed);
  supervisor.watch(process);
  await supervisor.kill("stats-1");
  supervisor.stop();
  end();
  expect(supervisor.findings).toEqual([]);
});

async function dismissed(exit: ProcessExit, seconds: number): Promise<Supervisor["findings"]> {
  vi.useFakeTimers({ toFake: ["performance"] });
  const supervisor = new Supervisor();
  supervisor.watch(aProcess(crashed, { exit, seconds }).process);
  await supervisor.dismiss("stats-1");
  vi.useRealTimers();
  return supervisor.findings;
}

test.each([
  ["stops", { code: 0, signal: null }, 1],
  ["has not begun", { code: null, signal: "SIGTERM" as const }, 1],
  ["ends itself when its time to stop is over", { code: 1, signal: null }, 20],
])("a process that %s when it is dismissed is no finding", async (_, exit, seconds) => {
  expect(await dismissed(exit, seconds)).toEqual([]);
});

test.each([
  ["fails", { code: 1, signal: null }, "1"],
  ["crashes", { code: null, signal: "SIGSEGV" as const }, "SIGSEGV"],
])("a process that %s when it is dismissed is one", async (_, exit, how) => {
  const detail = `stats-1 ended when it was told to stop (${how}): ${crashed}`;
  expect(await dismissed(exit, 19)).toEqual([{ reason: "crashed", detail }]);
});
