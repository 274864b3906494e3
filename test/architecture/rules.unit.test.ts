import { expect, test } from "vitest";
import { modulesOf, type TextFile } from "./checkout.js";
import { breachesOf, houseRules } from "./house-rules.js";
import { importCycles } from "./import-cycles.js";
import { importRules } from "./import-rules.js";
import { importsOf } from "./imports.js";

// A rule that never fails holds nothing. Each is shown here something that it must refuse.

const importing = (path: string, specifier: string): TextFile => ({
  path,
  text: `import { something } from "${specifier}";\n`,
});

const brokenImports: readonly [title: string, file: TextFile][] = [
  [
    "a process imports itself",
    importing("consumers/key-store/decide.ts", "../../producers/gateway/publish.js"),
  ],
  [
    "a process imports itself",
    importing("producers/clock/main.ts", "../../schemas/generated/keys/v1/accepted.js"),
  ],
  ["shared/ imports shared/", importing("shared/view/ticks.ts", "../../consumers/export-window/plan.js")],
  ["shared/ imports shared/", importing("shared/view/ticks.ts", "../../test/phones/phone.js")],
  ["compose/ imports", importing("compose/services.ts", "../producers/gateway/config.js")],
  ["a library with I/O", importing("producers/gateway/main.ts", "kafkajs")],
  ["a library with I/O", importing("shared/records/placed-key.ts", "mongodb")],
  ["a library with I/O", importing("shared/process/outcomes.ts", "ioredis")],
  ["folders without I/O", importing("shared/keys/admission.ts", "node:fs")],
  ["folders without I/O", importing("shared/exports/window.ts", "../process/log.js")],
  ["folders without I/O", importing("shared/export-check/check-export.ts", "jszip")],
  ["folders without I/O", importing("shared/export-check/check-export.ts", "../exports/export-bin.js")],
  ["the check of exports", importing("shared/exports/build-export.ts", "../export-check/zip-entries.js")],
  ["the phones of the tests", importing("test/phones/phone.ts", "../../shared/keys/tekmac.js")],
];

test.each(brokenImports)('"%s …" refuses %o', (title, file) => {
  const rule = importRules.find((candidate) => candidate.title.startsWith(title));
  expect(rule?.find(modulesOf([file]))).toHaveLength(1);
});

const gateway = "producers/gateway/publish.ts";
const brokenFiles: readonly [title: string, file: TextFile][] = [
  ["no file has more", { path: gateway, text: "\n".repeat(301) }],
  ["the environment", { path: gateway, text: "const host = process.env.HOST;" }],
  ["code without I/O", { path: "shared/keys/interval.ts", text: "const now = Date.now();" }],
  ["exports have names", { path: gateway, text: "export default 1;" }],
  ["no file gathers", { path: "shared/keys/index.ts", text: "" }],
  ["no file gathers", { path: "shared/utils/one.ts", text: "" }],
  ["no file gathers", { path: gateway, text: 'export * from "./answer.js";' }],
  ["files are named", { path: "shared/keys/StoredKey.ts", text: "" }],
  ["no path of one machine", { path: "docs/a.md", text: "see /home/someone/notes" }],
  ["no host of a package", { path: "docs/a.md", text: "from registry.packages.org" }],
  ["no host of a package", { path: "docs/a.md", text: "from https://somewhere.net/packages" }],
  [
    "no host of a package",
    {
      path: "package-lock.json",
      text: '"resolved": "https://somewhere.net/a.tgz"',
    },
  ],
];

test.each(brokenFiles)('"%s …" refuses %o', (title, file) => {
  const [rule] = houseRules.filter((candidate) => candidate.title.startsWith(title));
  expect(rule === undefined ? [] : breachesOf(rule, [file])).toHaveLength(1);
});

test("a circle of imports is found, however long", () => {
  const circle = [
    importing("shared/a.ts", "./b.js"),
    importing("shared/b.ts", "./c.js"),
    importing("shared/c.ts", "./a.js"),
    importing("shared/d.ts", "./a.js"),
  ];
  expect(importCycles(modulesOf(circle))).toEqual(["shared/a.ts → shared/b.ts → shared/c.ts → shared/a.ts"]);
  expect(importCycles(modulesOf(circle.slice(1)))).toEqual([]);
});

test("imports are read in every form that the code uses", () => {
  const text = `import "./side-effect.js";
import type { A } from "./type.js";
import whole, { type B, c } from "@scope/package/deep.js";
import {
  d,
  e,
} from "./lines.js";
export type { F } from "./re-export.js";
export * as g from "node:fs";
const h = await import("./dynamic.js");
export const i = { from: "nothing" };
// import { j } from "./comment.js";
`;
  expect(importsOf("shared/x/y.ts", text).map(({ target }) => target)).toEqual([
    "shared/x/side-effect.ts",
    "shared/x/type.ts",
    "@scope/package/deep.js",
    "shared/x/lines.ts",
    "shared/x/re-export.ts",
    "node:fs",
    "shared/x/dynamic.ts",
  ]);
});
