import { cpus } from "node:os";
import { join } from "node:path";
import { closeStack, openStack } from "../../compose/stack.js";
import { anotherBuild, commitBefore, type AnotherBuild } from "../river/another-build.js";
import { exportPart } from "./export-part.js";
import { publishPart } from "./publish-part.js";
import { comparison, yardsticks } from "./yardsticks.js";
import { replayPart } from "./replay-part.js";

// Each part prints one table, measured within one run: machines are shared and noisy, so only ratios tell.

const env = process.env;
const name = "bench";
const parts = {
  publish: async () => {
    const before = await buildBefore();
    try {
      const stack = await openStack({ name, env, progress: "shown", partsOnly: true });
      return await publishPart(stack, {
        before,
        gateways: Number(env["GATEWAYS"] ?? 1),
        seconds: Number(env["SECONDS"] ?? 60),
        chart: join(stack.directory, "../../bench/publish.svg"),
        yardsticks: yardstick,
      });
    } finally {
      await before?.remove();
    }
  },
  export: async () => {
    const { endpoints } = await openStack({ name, env, progress: "shown", partsOnly: true });
    return exportPart(endpoints, yardstick);
  },
  replay: async () => {
    const { endpoints } = await openStack({ name, env, progress: "shown", partsOnly: true });
    return replayPart(endpoints);
  },
};
const [cpu] = cpus();
const wanted = env["PARTS"]?.split(",") ?? Object.keys(parts);
const unknown = wanted.find((part) => !Object.keys(parts).includes(part));
if (unknown !== undefined)
  throw new Error(`PARTS names ${unknown}; there are ${Object.keys(parts).join(", ")}`);

const yardstick = await yardsticks(process.cwd());
const tables: string[] = [];
for (const [part, run] of Object.entries(parts)) {
  if (!wanted.includes(part)) continue;
  await closeStack({ name, env, purge: true });
  try {
    tables.push(await run());
  } finally {
    await closeStack({ name, env, purge: true });
  }
}
console.log(`\n${cpus().length} cores, ${cpu?.model ?? ""}\n${comparison(yardstick)}`);
for (const text of tables) console.log(`\n${text}`);

/** The commit BEFORE, by default the previous one; undefined, with the reason, where it can't be built. */
async function buildBefore(): Promise<AnotherBuild | undefined> {
  try {
    return await anotherBuild(env["BEFORE"] ?? (await commitBefore()));
  } catch (error) {
    console.log(
      `not compared with another commit: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
