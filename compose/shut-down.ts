import { readFile, readdir } from "node:fs/promises";

import { identifyProcess } from "./process-identity.js";
import type { ProcessIdentity } from "./process-identity.js";
import { settings } from "./settings.js";
import { readStackState, recordPart } from "./stack-state.js";
import type { PartRecord } from "./stack-state.js";
import { endProcess, stackMarker } from "./supervise.js";

/**
 * Stops every process of the stack in this folder, and no other: our own services first, then the registry, then what
 * they depend on. Afterwards anything that carries the stack's mark without a record is stopped too: a launcher
 * killed between starting a process and recording it leaves such a one.
 */
export async function shutDown(directory: string): Promise<void> {
  // A state file that can't be read must not keep its stack alive: the mark finds every process too.
  const state = await readStackState(directory).catch(() => null);
  const parts = Object.entries(state?.parts ?? {});
  for (const isInStage of stages) {
    const stage = parts.filter(([name]) => isInStage(name));
    await Promise.all(stage.map(([name, record]) => stopRecorded(directory, name, record)));
  }
  const strays = await markedProcesses(directory);
  await Promise.all(strays.map((stray) => endProcess(stray, settings.stopSecondsMax)));
}

/** Stops one recorded process and notes that it is stopped. */
export async function stopRecorded(directory: string, name: string, record: PartRecord): Promise<void> {
  if (record.process === null) return;
  await endProcess(record.process, settings.stopSecondsMax);
  await recordPart(directory, name, { ...record, process: null });
}

/** The processes whose environment says that they belong to the stack in this folder. */
export async function markedProcesses(directory: string): Promise<ProcessIdentity[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const marked = await Promise.all(
    pids.map(async (pid) => ((await carriesMark(pid, directory)) ? identifyProcess(pid) : null)),
  );
  return marked.filter((identity) => identity !== null);
}

const isBase = (name: string): boolean => /^(kafka-\d+|mongodb|redis|object-store)$/.test(name);
const stages: readonly ((name: string) => boolean)[] = [
  (name) => !isBase(name) && name !== "registry",
  (name) => name === "registry",
  isBase,
];

// The environment of a process of another user, or of one that just ended, can't be read: it isn't ours then.
async function carriesMark(pid: number, directory: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return environment.split("\0").includes(`${stackMarker}=${directory}`);
}
