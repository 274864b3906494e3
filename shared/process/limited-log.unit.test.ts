import { expect, test } from "vitest";
import { limitedLog } from "./limited-log.js";
import type { Log } from "./log.js";

function aLog(linesPerSecondMax: number) {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  let nowMs = 0;
  return {
    lines,
    log: limitedLog(log, linesPerSecondMax, () => nowMs),
    pass: (ms: number) => void (nowMs += ms),
  };
}

test("the same message is written up to the limit in a second, and what was left out is told later", () => {
  const { lines, log, pass } = aLog(2);
  for (let n = 0; n < 5; n += 1) log.warn({ n }, "again");
  expect(lines).toEqual(['warn again {"n":0}', 'warn again {"n":1}']);
  pass(1000);
  log.warn({ n: 5 }, "again");
  expect(lines.slice(2)).toEqual(['warn lines were left out {"leftOut":{"again":3}}', 'warn again {"n":5}']);
});

test("at the limit nothing is left out, and nothing told", () => {
  const { lines, log, pass } = aLog(2);
  for (const second of [0, 1]) {
    for (const n of [0, 1]) log.error({ second, n }, "again");
    pass(1000);
  }
  expect(lines).toHaveLength(4);
});

test("other messages have a count of their own, and debug lines none", () => {
  const { lines, log } = aLog(1);
  for (const message of ["a", "b"]) log.info({}, message);
  for (let n = 0; n < 3; n += 1) log.debug({ n }, "asked for");
  expect(lines).toHaveLength(5);
});
