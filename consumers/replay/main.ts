import { setDefaultResultOrder } from "node:dns";
import { systemClock } from "../../shared/process/clock.js";
import { progressBar } from "./progress-bar.js";
import { runReplay } from "./run-replay.js";

// `tekstream replay …` starts this with its own settings and words.

setDefaultResultOrder("ipv4first");

const bar = progressBar(process.stderr, () => performance.now());
const exitCode = await runReplay(process.argv.slice(2), {
  environment: process.env,
  nowSeconds: systemClock,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  bar,
});
process.exit(exitCode);
