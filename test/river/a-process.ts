import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.js";

/** The checkout: built code is below its dist/. */
export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/dist\/$/, "/");

/** How a process ended: one of the two is null. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One real process of ours, as a test starts, kills, freezes and starts it again. */
export interface RunningProcess {
  readonly name: string;
  /** Port of /ready and /metrics. */
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when /ready answers 200. */
  ready(secondsMax?: number): Promise<void>;
  /** Sends a signal; for those that end a process, waits until it has ended. */
  signal(name: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** Starts it again, on the same ports. */
  start(): void;
  /** Calls `listener` whenever it ends, for whatever reason, after each start. */
  onExit(listener: (exit: ProcessExit) => void): void;
  readonly exitCode: number | null;
}

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** Starts `entry` (below dist/ of a checkout) with these settings. All such processes die with the test's own process. */
export async function aProcess(options: {
  name: string;
  entry: string;
  env: Readonly<Record<string, string>>;
  logFolder: string;
  /** Default: this one. */
  checkout?: string | undefined;
}): Promise<RunningProcess> {
  const port = await freePort();
  const entry = join(options.checkout ?? root, "dist", options.entry);
  const logFile = join(options.logFolder, `${options.name}.log`);
  mkdirSync(dirname(logFile), { recursive: true });
  const listeners: ((exit: ProcessExit) => void)[] = [];
  let child = launch();

  function launch(): ChildProcess {
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...options.env,
      TEKSTREAM_HTTP_PORT: String(port),
    };
    const started = spawn(process.execPath, ["--enable-source-maps", entry], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = createWriteStream(logFile, { flags: "a" });
    started.stdout.pipe(log, { end: false });
    started.stderr.pipe(log, { end: false });
    alive.add(started);
    started.once("exit", (code, signal) => {
      alive.delete(started);
      for (const listener of listeners) listener({ code, signal });
    });
    return started;
  }

  return {
    name: options.name,
    port,
    logFile,
    get pid() {
      return child.pid ?? -1;
    },
    get exitCode() {
      return child.exitCode;
    },
    ready: (secondsMax = 120) => untilReady(`http://127.0.0.1:${port}/ready`, secondsMax, logFile),
    async signal(name) {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      if (isOver) return;
      if (name === "SIGKILL" || name === "SIGTERM") {
        const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        child.kill(name);
        await ended;
      } else child.kill(name);
    },
    start() {
      child = launch();
    },
    onExit: (listener) => void listeners.push(listener),
  };
}

async function untilReady(url: string, secondsMax: number, logFile: string): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000;
  for (;;) {
    const status = await fetch(url, { signal: AbortSignal.timeout(5000) }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (performance.now() > deadline)
      throw new Error(`${url} was not ready within ${secondsMax} s; see ${logFile}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
