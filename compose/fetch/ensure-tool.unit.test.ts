import { expect, test } from "vitest";

import { findOnPath, howToGet } from "./ensure-tool.js";

test("a program is found in the first folder of PATH that has it", async () => {
  expect(await findOnPath("sh", { PATH: "/nonexistent:/bin" })).toBe("/bin/sh");
});

test("a program that is nowhere is null, also without a PATH", async () => {
  expect(await findOnPath("no-such-program-anywhere", {})).toBeNull();
});

test("the message names what is missing, why, and how to get it", () => {
  const text = howToGet({ program: "mvn", debianPackage: "maven", why: "it fetches Kafka" });
  expect(text).toContain("mvn is missing (it fetches Kafka)");
  expect(text).toContain("apt-get install maven");
});
