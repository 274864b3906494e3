import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { z } from "zod";

import { withLock } from "./with-lock.js";

const partRecord = z.strictObject({
  /** The process that was spawned last, running or not; null after an orderly stop. */
  process: z.strictObject({ pid: z.int().positive(), startTicks: z.int().nonnegative() }).nullable(),
  command: z.array(z.string()),
  log: z.string(),
});

const stackState = z.strictObject({
  version: z.literal(1),
  brokers: z.int().min(1).max(9),
  objectStore: z.enum(["s3", "folder"]),
  prefix: z.string().min(1),
  ttlMonitorSleepSeconds: z.int().positive().nullable(),
  ports: z.record(z.string(), z.int().min(1).max(65_535)),
  parts: z.record(z.string(), partRecord),
});

/** What a stack remembers of itself between commands, as `state.json` in its folder. */
export type StackState = z.infer<typeof stackState>;

/** One process of a stack: its identity while it runs, the command and the log file. */
export type PartRecord = z.infer<typeof partRecord>;

/** Parses the text of a state file. Throws an error that names every field that is wrong. */
export function parseStackState(text: string): StackState {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`the state file is not JSON: ${String(error)}`, { cause: error });
  }
  const parsed = stackState.safeParse(json);
  if (!parsed.success) throw new Error(`the state file is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The state of the stack in this folder, or null when there is none. Throws when the file is not valid. */
export async function readStackState(directory: string): Promise<StackState | null> {
  const text = await readFile(stateFile(directory), "utf8").catch(missingAsNull);
  return text === null ? null : parseStackState(text);
}

/** Reads, changes and writes the state under a lock; the file is always a whole one. */
export async function updateStackState(
  directory: string,
  change: (state: StackState | null) => StackState,
): Promise<StackState> {
  return withLock(join(directory, "state.lock"), async () => {
    const next = change(await readStackState(directory));
    await writeWhole(stateFile(directory), `${JSON.stringify(next, null, 2)}\n`);
    return next;
  });
}

/** Replaces one part's record. Throws when the stack has no state yet. */
export async function recordPart(directory: string, name: string, record: PartRecord): Promise<void> {
  await updateStackState(directory, (state) => {
    if (state === null) throw new Error(`there is no stack in ${directory}`);
    return { ...state, parts: { ...state.parts, [name]: record } };
  });
}

/** Writes a file so that readers see the old text or the new one, never a part of it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function stateFile(directory: string): string {
  return join(directory, "state.json");
}

function missingAsNull(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
