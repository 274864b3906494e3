import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathsFrom, stackDirectory } from "../../compose/paths.js";
import { closeStack, openStack, type Stack } from "../../compose/stack.js";
import { faultSchedule } from "./draw-schedule.js";
import { harmableStack, type HarmableStack } from "./harmable-stack.js";
import { playSchedule, type Trial } from "./play-schedule.js";
import { harmTable, trialLines } from "./report.js";
import type { DiskTarget, Schedule } from "./schedule.js";
import { aSmallDisk } from "./small-disk.js";

// Plays fault schedules: SCHEDULES of them (default 1) of the seed SEED (default: a new one), from number FROM
// (default 1) on, on a stack of BROKERS brokers (default 1). FAULTS_KEEP=1 leaves the stack with all data.

const env = process.env;
const seed = env["SEED"] ?? randomBytes(4).toString("hex");
const from = Number(env["FROM"] ?? 1);
const numbers = Array.from({ length: Number(env["SCHEDULES"] ?? 1) }, (_, index) => from + index);
const brokers = Number(env["BROKERS"] ?? 1);
const keep = env["FAULTS_KEEP"] === "1";
const name = brokers === 1 ? "faults" : `faults-${brokers}`;

/** MongoDB's journal takes files of 100 MB in advance. */
const diskMegabytes: Record<DiskTarget, number> = { mongodb: 700, "object-store": 32 };

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    process.stdout.write(`stopped by ${signal}; the stack ${name} is left as it is
`);
    process.exit(130);
  });
}

process.stdout.write(`SEED=${seed} SCHEDULES=${numbers.length} FROM=${from} BROKERS=${brokers}\n`);
const disks = await smallDisks(join(stackDirectory(pathsFrom(env), name), "data"));
if (disks === undefined) process.stdout.write("only root can mount: no disk will be full\n");
const stack = await openStack({ name, env, brokers, partsOnly: true, progress: "shown" });
const schedules = numbers.map((number) => faultSchedule(seed, number));
let failed = 0;
for (const [index, schedule] of schedules.entries()) {
  const trial = await play(stack, schedule);
  if (typeof trial === "string" || trial.findings.length > 0) failed += 1;
  const number = numbers[index] ?? 0;
  const lines =
    typeof trial === "string" ? [`FAIL schedule ${number}: ${trial}`] : trialLines(number, schedule, trial);
  process.stdout.write(`${lines.join("\n")}\n`);
}
process.stdout.write(`\n${harmTable(schedules)}\n\n`);
process.stdout.write(`SEED=${seed}: ${schedules.length - failed} schedules passed, ${failed} failed\n`);
if (!keep) {
  await stack.stop();
  for (const disk of disks?.values() ?? []) await disk.unmount();
  await closeStack({ name, env, purge: true });
}
process.exit(failed === 0 ? 0 : 1);

/** Disks with just enough room, below the stack's data; undefined for those who can't mount any. */
async function smallDisks(folder: string): Promise<HarmableStack["disks"]> {
  if (process.getuid?.() !== 0) return undefined;
  const names = Object.keys(diskMegabytes) as DiskTarget[];
  return new Map(
    await Promise.all(
      names.map(
        async (disk) => [disk, await aSmallDisk(join(folder, disk), diskMegabytes[disk], env)] as const,
      ),
    ),
  );
}

async function play(stack: Stack, schedule: Schedule): Promise<Trial | string> {
  try {
    const site = { endpoints: stack.endpoints, stack: harmableStack(stack, disks), keep };
    const trial = await playSchedule(site, schedule);
    if (!keep && trial.findings.length + trial.exits.length === 0)
      await rm(trial.logFolder, { recursive: true });
    return trial;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
