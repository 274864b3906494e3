import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isTest, modulesOf, root, textFiles } from "./checkout.js";
import { importCycles } from "./import-cycles.js";
import { importRules } from "./import-rules.js";

const modules = modulesOf(textFiles());

test.each(importRules.map(({ title, find }) => [title, find] as const))("%s", (_title, find) => {
  expect(find(modules)).toEqual([]);
});

test("imports never lead back to where they came from", () => {
  expect(importCycles(modules)).toEqual([]);
});

test("what runs in production imports only what is installed there", () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const missing = modules
    .filter((module) => !isTest(module) && !module.path.includes("vitest"))
    .flatMap(({ path, imports }) =>
      imports
        .filter(
          ({ package: name = "node:" }) => !name.startsWith("node:") && dependencies[name] === undefined,
        )
        .map(({ target }) => `${path} imports ${target}`),
    );
  expect(missing).toEqual([]);
});
