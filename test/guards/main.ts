import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { anotherBuild } from "../river/another-build.js";
import { openFaultStack, type FaultStack } from "../faults/fault-stack.js";
import { trialLines } from "../faults/report.js";
import { breakGuard, type Guard } from "./guard.js";
import { guards } from "./guards.js";

// Takes guards of the product out, one at a time, and plays the harm that each is there for: with the guard nothing may
// be found, and without it the suite has to find what it held back. GUARD=words plays those whose names have the words.
// The code of the last commit is what is broken.

/** A harm may miss the moment for which a guard is there. */
const triesMax = 3;

const words = process.env["GUARD"] ?? "";
const wanted = guards.filter(({ name }) => name.includes(words));
if (wanted.length === 0) {
  process.stderr.write(
    `no guard's name has "${words}". There are:\n${guards.map(({ name }) => name).join("\n")}\n`,
  );
  process.exit(2);
}
let unproven = 0;
for (const brokers of [1, 3]) {
  const played = wanted.filter((guard) => (guard.brokers ?? 1) === brokers);
  if (played.length > 0) unproven += await play(played, brokers);
}
process.stdout.write(`\n${wanted.length - unproven} guards hold and are missed, ${unproven} not\n`);
process.exit(unproven === 0 ? 0 : 1);

/** On one stack, one after the other; gives how many don't hold or are not missed. */
async function play(played: readonly Guard[], brokers: number): Promise<number> {
  const stack = await openFaultStack({ env: process.env, brokers });
  let failed = 0;
  for (const guard of played) {
    process.stdout.write(`\n${guard.name}\n`);
    const isProven = (await holds(stack, guard)) && (await isMissed(stack, guard));
    if (!isProven) failed += 1;
  }
  await stack.close();
  return failed;
}

async function holds(stack: FaultStack, guard: Guard): Promise<boolean> {
  const reasons = await found(stack, guard, "with it");
  return reasons.length === 0;
}

async function isMissed(stack: FaultStack, guard: Guard): Promise<boolean> {
  const broken = await anotherBuild("HEAD", (checkout) => takeOut(guard, checkout)).catch(notBuilt);
  if (broken === undefined) return false;
  try {
    for (let number = 1; number <= triesMax; number++) {
      const reasons = await found(stack, guard, "without it", broken.checkout);
      if (guard.found.some((reason) => reasons.includes(reason))) return true;
    }
    process.stdout.write(`     nobody found ${guard.found.join(" or ")}\n`);
    return false;
  } finally {
    await broken.remove();
  }
}

/** What stands in the guard's place has to be code that compiles. */
function notBuilt(error: unknown): undefined {
  const output = error instanceof Error && "stdout" in error ? error.stdout : "";
  process.stdout.write(`FAIL without it: it was not built: ${String(error)}\n${String(output)}\n`);
}

async function takeOut(guard: Guard, checkout: string): Promise<void> {
  const file = join(checkout, guard.file);
  await writeFile(file, breakGuard(guard, await readFile(file, "utf8")));
}

/** The reasons of what a trial found. */
async function found(
  stack: FaultStack,
  { schedule, name }: Guard,
  title: string,
  checkout?: string,
): Promise<readonly string[]> {
  const named = { ...schedule, seed: name };
  const trial = await stack.play(named, checkout);
  if (typeof trial === "string") {
    process.stdout.write(`FAIL ${title}: ${trial}\n`);
    return ["not played"];
  }
  process.stdout.write(`${trialLines(title, named, trial).join("\n")}\n`);
  return trial.findings.map(({ reason }) => reason);
}
