import { readFileSync } from "node:fs";
import type { ProcessExit, RunningProcess } from "../river/a-process.js";
import type { Finding } from "./finding.js";

const restartPauseMs = 1000;
/** What processes give themselves to stop, by default. */
const stopMsMax = 20_000;

/**
 * Starts processes of ours again when they end, as a service manager would, except while a harm holds them down. No
 * harm is an excuse for one that ends by itself: each such end is a finding.
 */
export class Supervisor {
  readonly findings: Finding[] = [];
  readonly #processes = new Map<string, RunningProcess>();
  readonly #held = new Set<string>();
  readonly #down = new Set<string>();
  #stopped = false;

  watch(process: RunningProcess): void {
    this.#processes.set(process.name, process);
    process.onExit((exit) => {
      this.#onExit(process, exit);
    });
  }

  /** SIGKILL; the process stays down until `revive`. */
  async kill(name: string): Promise<void> {
    this.#held.add(name);
    await this.#process(name).signal("SIGKILL");
  }

  revive(name: string): void {
    this.#held.delete(name);
    this.#startIfDown(this.#process(name));
  }

  async freeze(name: string): Promise<void> {
    await this.#process(name).signal("SIGSTOP");
  }

  async wake(name: string): Promise<void> {
    await this.#process(name).signal("SIGCONT");
  }

  /** Ends a process for good, as an operator does who needs it no more. One that does not stop cleanly is a finding. */
  async dismiss(name: string): Promise<void> {
    const process = this.#process(name);
    this.#held.add(name);
    this.#processes.delete(name);
    const startedMs = performance.now();
    process.onExit((exit) => {
      // While a part is harmed a process may need more than its time, and ends itself then.
      const isOutOfTime = exit.code === 1 && performance.now() - startedMs >= stopMsMax;
      // One that has just begun to start does not listen yet.
      const hasNotBegun = exit.signal === "SIGTERM";
      if (exit.code !== 0 && !isOutOfTime && !hasNotBegun && !this.#stopped)
        this.findings.push(endedBadly(process, exit, "when it was told to stop"));
    });
    await process.signal("SIGTERM");
  }

  /** Rejects with the name of the first that is not ready in time. */
  async untilReady(secondsMax: number): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.ready(secondsMax)));
  }

  /** From now on the end of a process is nothing special. */
  stop(): void {
    this.#stopped = true;
  }

  #onExit(process: RunningProcess, exit: ProcessExit): void {
    if (this.#stopped) return;
    this.#down.add(process.name);
    if (this.#held.has(process.name)) return;
    this.findings.push(endedBadly(process, exit, "by itself"));
    setTimeout(() => {
      this.#startIfDown(process);
    }, restartPauseMs);
  }

  #startIfDown(process: RunningProcess): void {
    if (this.#stopped || this.#held.has(process.name) || !this.#down.delete(process.name)) return;
    process.start();
  }

  #process(name: string): RunningProcess {
    const found = this.#processes.get(name);
    if (found === undefined) throw new Error(`no process is called ${name}`);
    return found;
  }
}

const lineCharactersMax = 600;

function endedBadly({ name, logFile }: RunningProcess, { code, signal }: ProcessExit, when: string): Finding {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  const lastError = lines.findLast((text) => !text.startsWith("{") || text.includes('"level":"error"')) ?? "";
  return {
    reason: /NeedsOperator|IncompatibleSchema/.test(lastError) ? "needs_operator" : "crashed",
    detail: `${name} ended ${when} (${code ?? signal}): ${lastError.slice(0, lineCharactersMax)}`,
  };
}
