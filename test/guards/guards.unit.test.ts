import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../river/a-process.js";
import { breakGuard } from "./guard.js";
import { guards } from "./guards.js";

test.each(guards)("$name: the guard stands where it is broken", (guard) => {
  const text = readFileSync(join(root, guard.file), "utf8");
  expect(breakGuard(guard, text)).not.toBe(text);
});

test("a guard that stands no more where it was is told", () => {
  const [guard] = guards;
  if (guard === undefined) throw new Error("there are guards");
  expect(() => breakGuard(guard, "")).toThrow("not exactly one");
});
