import { spawn } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Part } from "./part.js";
import type { Env } from "./paths.js";
import { conditionOf, identifyProcess } from "./process-identity.js";
import type { ProcessIdentity } from "./process-identity.js";
import { recordPart } from "./stack-state.js";

/** Marks every process of a stack in its environment, so that one whose record was never written is found too. */
export const stackMarker = "TEKSTREAM_STACK_DIRECTORY";

/**
 * Starts a part in a process group of its own, so that it outlives the launcher, with its output appended to its
 * log; the record is written at once. Throws when the program can't be started.
 */
export async function spawnPart(directory: string, part: Part, env: Env): Promise<ProcessIdentity> {
  const log = logFile(directory, part.name);
  await part.prepare();
  await mkdir(dirname(log), { recursive: true });
  const output = await open(log, "a");
  try {
    const [file, ...args] = part.command;
    const child = spawn(file, args, {
      cwd: part.cwd,
      env: { ...env, ...part.env, [stackMarker]: directory },
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
    });
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.unref();
    return await recordChild(directory, part, child.pid ?? 0, log);
  } finally {
    await output.close();
  }
}

/** The log file of a part. */
export function logFile(directory: string, part: string): string {
  return join(directory, "logs", `${part}.log`);
}

/**
 * Sends a signal to the process group that this process leads, or to it alone where it leads none; false when it is
 * gone.
 */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if ((await conditionOf(identity)) === "gone") return false;
  return trySignal(-identity.pid, signal) || trySignal(identity.pid, signal);
}

/** Ends a process: SIGTERM (and SIGCONT, for a frozen one could not hear it), then SIGKILL after `graceSeconds`. */
export async function endProcess(identity: ProcessIdentity, graceSeconds: number): Promise<void> {
  if (!(await signalProcess(identity, "SIGTERM"))) return;
  await signalProcess(identity, "SIGCONT");
  if (await isGoneWithin(identity, graceSeconds)) return;
  await killProcess(identity);
}

/** Ends a process by SIGKILL and waits until it is gone. */
export async function killProcess(identity: ProcessIdentity): Promise<void> {
  if (!(await signalProcess(identity, "SIGKILL"))) return;
  if (!(await isGoneWithin(identity, 10))) throw new Error(`process ${identity.pid} outlived SIGKILL`);
}

async function recordChild(
  directory: string,
  part: Part,
  pid: number,
  log: string,
): Promise<ProcessIdentity> {
  const identity = await identifyProcess(pid);
  if (identity === null) throw new Error(`${part.name} ended at once, see ${log}`);
  await recordPart(directory, part.name, { process: identity, command: [...part.command], log });
  return identity;
}

async function isGoneWithin(identity: ProcessIdentity, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    if ((await conditionOf(identity)) === "gone") return true;
    await sleep(50);
  }
  return (await conditionOf(identity)) === "gone";
}

function trySignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
