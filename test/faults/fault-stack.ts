import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathsFrom, stackDirectory, type Env } from "../../compose/paths.js";
import { closeStack, openStack } from "../../compose/stack.js";
import { harmableStack, type HarmableStack } from "./harmable-stack.js";
import { playSchedule, type Trial } from "./play-schedule.js";
import type { DiskTarget, Schedule } from "./schedule.js";
import { aSmallDisk } from "./small-disk.js";

/** A stack of its own for schedules, one after the other. */
export interface FaultStack {
  /** Plays one, on our processes as this checkout or another one has built them; a text when it could not be played. */
  play(schedule: Schedule, checkout?: string): Promise<Trial | string>;
  /** Ends the stack, and leaves nothing. */
  close(): Promise<void>;
}

export interface FaultStackOptions {
  readonly env: Env;
  readonly brokers?: number;
  /** Leaves what trials wrote where it is. */
  readonly keep?: boolean;
}

/** MongoDB's journal takes files of 100 MB in advance. */
const diskMegabytes: Record<DiskTarget, number> = { mongodb: 700, "object-store": 32 };

export async function openFaultStack({
  env,
  brokers = 1,
  keep = false,
}: FaultStackOptions): Promise<FaultStack> {
  const name = brokers === 1 ? "faults" : `faults-${brokers}`;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      process.stdout.write(`stopped by ${signal}; the stack ${name} is left as it is\n`);
      process.exit(130);
    });
  }
  const disks = await smallDisks(join(stackDirectory(pathsFrom(env), name), "data"), env);
  if (disks === undefined) process.stdout.write("only root can mount: harms that fill a disk are left out\n");
  const stack = await openStack({ name, env, brokers, partsOnly: true, progress: "shown" });
  const site = { endpoints: stack.endpoints, stack: harmableStack(stack, disks), keep };
  return {
    async play(schedule, checkout) {
      try {
        const trial = await playSchedule({ ...site, checkout }, schedule);
        if (!keep && trial.findings.length === 0) await rm(trial.logFolder, { recursive: true });
        return trial;
      } catch (error) {
        return error instanceof Error ? (error.stack ?? error.message) : String(error);
      }
    },
    async close() {
      await stack.stop();
      for (const disk of disks?.values() ?? []) await disk.unmount();
      await closeStack({ name, env, purge: true });
    },
  };
}

/** Disks with just enough room, below the stack's data; undefined for those who can't mount any. */
async function smallDisks(folder: string, env: Env): Promise<HarmableStack["disks"]> {
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
