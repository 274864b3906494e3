import { randomBytes } from "node:crypto";
import { faultSchedule } from "./draw-schedule.js";
import { openFaultStack } from "./fault-stack.js";
import { harmTable, trialLines } from "./report.js";
import type { Harm } from "./schedule.js";

// Plays fault schedules: SCHEDULES of them (default 1) of the seed SEED (default: a new one), from number FROM
// (default 1) on, on a stack of BROKERS brokers (default 1). FAULTS_KEEP=1 leaves the stack with all data.

const env = process.env;
const seed = env["SEED"] ?? randomBytes(4).toString("hex");
const from = positive("FROM");
const numbers = Array.from({ length: positive("SCHEDULES") }, (_, index) => from + index);
const brokers = positive("BROKERS");
const keep = env["FAULTS_KEEP"] === "1";

process.stdout.write(`SEED=${seed} SCHEDULES=${numbers.length} FROM=${from} BROKERS=${brokers}\n`);
const stack = await openFaultStack({ env, brokers, keep });
const schedules = numbers.map((number) => faultSchedule(seed, number));
const done: Harm[] = [];
let failed = 0;
for (const [index, schedule] of schedules.entries()) {
  const trial = await stack.play(schedule);
  if (typeof trial === "string" || trial.findings.length > 0) failed += 1;
  if (typeof trial !== "string") done.push(...schedule.harms.filter((harm) => !trial.leftOut.includes(harm)));
  const number = numbers[index] ?? 0;
  const lines =
    typeof trial === "string"
      ? [`FAIL schedule ${number}: ${trial}`]
      : trialLines(`schedule ${number}`, schedule, trial);
  process.stdout.write(`${lines.join("\n")}\n`);
}
process.stdout.write(`\n${harmTable(done)}\n\n`);
process.stdout.write(`SEED=${seed}: ${schedules.length - failed} schedules passed, ${failed} failed\n`);
if (!keep) await stack.close();
process.exit(failed === 0 ? 0 : 1);

/** A setting's number, by default 1. */
function positive(name: string): number {
  const text = env[name] ?? "1";
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  process.stderr.write(`${name} is a whole number from 1 on, not ${text}\n`);
  process.exit(2);
}
