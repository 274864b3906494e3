import { spawn } from "node:child_process";
import { once } from "node:events";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { conditionOf, identifyProcess, parseProcStat } from "./process-identity.js";

function statLine(command: string, state: string, startTicks: number): string {
  const between = Array.from({ length: 18 }, (_, index) => index + 1).join(" ");
  return `4711 (${command}) ${state} ${between} ${startTicks} 0 0\n`;
}

describe("parseProcStat", () => {
  test("state and start time are found behind any command, whatever it contains", () => {
    const states = fc.constantFrom("R", "S", "D", "T", "Z");
    fc.assert(
      fc.property(fc.string(), states, fc.nat(), (command, state, startTicks) => {
        expect(parseProcStat(statLine(command, state, startTicks))).toEqual({ state, startTicks });
      }),
    );
  });

  test.each(["", "4711", "4711 (java)", "4711 (java) S 1 2 3", "4711 java S 1"])(
    "%j is not taken for a process",
    (text) => expect(parseProcStat(text)).toBeNull(),
  );

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseProcStat(text)));
  });
});

describe("conditionOf", () => {
  test("a process is running, stopped by SIGSTOP, and gone after SIGKILL", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const identity = await identifyProcess(child.pid ?? 0);
    if (identity === null) throw new Error("sleep did not start");
    expect(await conditionOf(identity)).toBe("running");
    child.kill("SIGSTOP");
    await expect.poll(() => conditionOf(identity), { timeout: 30_000 }).toBe("stopped");
    child.kill("SIGKILL");
    await expect.poll(() => conditionOf(identity), { timeout: 30_000 }).toBe("gone");
  });

  test("another process with the same pid is not taken for the recorded one", async () => {
    const self = await identifyProcess(process.pid);
    if (self === null) throw new Error("this process has no entry");
    expect(await conditionOf({ ...self, startTicks: self.startTicks - 1 })).toBe("gone");
  });
});
