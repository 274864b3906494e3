import { expect, test } from "vitest";
import { Readiness } from "./readiness.js";

test("a process without parts is not ready", () => {
  expect(new Readiness().ready).toBe(false);
});

test("a process is ready while all of its parts are", () => {
  const readiness = new Readiness();
  readiness.set("api", true);
  readiness.set("view", false);
  expect(readiness.ready).toBe(false);
  readiness.set("view", true);
  expect(readiness.ready).toBe(true);
  readiness.set("api", false);
  expect(readiness.ready).toBe(false);
  expect(readiness.parts).toEqual({ api: false, view: true });
});
