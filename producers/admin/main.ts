#!/usr/bin/env node
import { setDefaultResultOrder } from "node:dns";
import { runAdmin } from "./run-admin.js";
import { startProgram } from "./start-program.js";

setDefaultResultOrder("ipv4first");

const exitCode = await runAdmin(process.argv.slice(2), {
  environment: process.env,
  nowSeconds: () => Date.now() / 1000,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  start: startProgram,
  isErrTerminal: process.stderr.isTTY,
});
// A cluster that does not answer may have left timers behind; nothing of them matters any more.
process.exit(exitCode);
