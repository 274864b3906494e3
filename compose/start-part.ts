import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import type { Part } from "./part.js";
import type { Env } from "./paths.js";
import { conditionOf } from "./process-identity.js";
import type { ProcessIdentity } from "./process-identity.js";
import { lastLines } from "./run-command.js";
import { settings } from "./settings.js";
import { readStackState } from "./stack-state.js";
import { logFile, signalProcess, spawnPart } from "./supervise.js";

/** Whether a part was started, found frozen and woken, or found at work. */
export type StartOutcome = "started" | "resumed" | "already running";

/** Makes a part run, whatever it was doing, and returns when it is healthy. Throws with the end of its log. */
export async function startPart(directory: string, part: Part, env: Env): Promise<StartOutcome> {
  const recorded = (await readStackState(directory))?.parts[part.name]?.process ?? null;
  const condition = recorded === null ? "gone" : await conditionOf(recorded);
  if (recorded === null || condition === "gone") {
    await untilHealthy(directory, part, await spawnPart(directory, part, env));
    return "started";
  }
  if (condition === "stopped") await signalProcess(recorded, "SIGCONT");
  await untilHealthy(directory, part, recorded);
  return condition === "stopped" ? "resumed" : "already running";
}

async function untilHealthy(directory: string, part: Part, identity: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + settings.healthySecondsMax * 1000;
  for (;;) {
    const problem = await problemOf(part);
    if (problem === null) return;
    const gone = (await conditionOf(identity)) === "gone";
    if (gone || performance.now() > deadline) {
      throw new Error(await failureText(directory, part, gone ? "ended" : `is not healthy: ${problem}`));
    }
    await sleep(100);
  }
}

/** Why a part is not healthy, or null when it is. */
export async function problemOf(part: Part): Promise<string | null> {
  return part.check().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function failureText(directory: string, part: Part, what: string): Promise<string> {
  const log = logFile(directory, part.name);
  const text = await readFile(log, "utf8").catch(() => "");
  return `${part.name} ${what}; the end of ${log}:\n${lastLines(text, 15)}`;
}
