import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { closeStack, openStack, type Stack } from "../../compose/stack.js";
import { faultSchedule } from "./draw-schedule.js";
import { playSchedule, type Trial } from "./play-schedule.js";
import { harmTable, trialLines } from "./report.js";
import type { Schedule } from "./schedule.js";

// Plays fault schedules: SCHEDULES of them (default 1) of the seed SEED (default: a new one), from number FROM
// (default 1) on. FAULTS_KEEP=1 leaves the stack with all data.

const name = "faults";
const env = process.env;
const seed = env["SEED"] ?? randomBytes(4).toString("hex");
const from = Number(env["FROM"] ?? 1);
const numbers = Array.from({ length: Number(env["SCHEDULES"] ?? 1) }, (_, index) => from + index);
const keep = env["FAULTS_KEEP"] === "1";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    process.stdout.write(`stopped by ${signal}; the stack ${name} is left as it is
`);
    process.exit(130);
  });
}

process.stdout.write(`SEED=${seed} SCHEDULES=${numbers.length} FROM=${from}\n`);
const stack = await openStack({ name, env, partsOnly: true, progress: "shown" });
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
if (!keep) await closeStack({ name, env, purge: true });
process.exit(failed === 0 ? 0 : 1);

async function play({ endpoints, part }: Stack, schedule: Schedule): Promise<Trial | string> {
  try {
    const trial = await playSchedule({ endpoints, part, keep }, schedule);
    if (!keep && trial.findings.length + trial.exits.length === 0)
      await rm(trial.logFolder, { recursive: true });
    return trial;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
