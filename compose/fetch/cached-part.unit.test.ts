import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, test } from "vitest";

import { cachedPart } from "./cached-part.js";

let cache = "";
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "cache-"));
});
afterEach(() => rm(cache, { recursive: true }));

test("fetchers at the same time get one result, filled once", async () => {
  let fills = 0;
  const fill = async (scratch: string): Promise<void> => {
    fills += 1;
    await sleep(50);
    await writeFile(join(scratch, "result", "program"), "whole");
  };
  const results = await Promise.all([1, 2, 3, 4].map(() => cachedPart(cache, "part-1", fill)));
  expect(new Set(results)).toEqual(new Set([join(cache, "part-1")]));
  expect(fills).toBe(1);
  expect(await readFile(join(cache, "part-1", "program"), "utf8")).toBe("whole");
});

test("a fetch that fails leaves nothing, and the next one succeeds", async () => {
  const failing = cachedPart(cache, "part-1", async (scratch) => {
    await writeFile(join(scratch, "result", "program"), "half");
    throw new Error("the network is down");
  });
  await expect(failing).rejects.toThrow("the network is down");
  expect(await parts()).toEqual([]);
  await cachedPart(cache, "part-1", async (scratch) =>
    writeFile(join(scratch, "result", "program"), "whole"),
  );
  expect(await parts()).toEqual(["part-1"]);
});

test("the remains of a killed fetch go away with the next one, those of other parts stay", async () => {
  await mkdir(join(cache, ".fetch-part-1-killed", "result"), { recursive: true });
  await mkdir(join(cache, ".fetch-part-2-running"));
  await cachedPart(cache, "part-1", async () => {});
  expect(await parts()).toEqual([".fetch-part-2-running", "part-1"]);
  await mkdir(join(cache, ".fetch-part-1-killed-late"));
  await cachedPart(cache, "part-1", async () => {});
  expect(await parts()).toEqual([".fetch-part-2-running", "part-1"]);
});

async function parts(): Promise<string[]> {
  return (await readdir(cache)).filter((name) => name !== ".locks").sort();
}
