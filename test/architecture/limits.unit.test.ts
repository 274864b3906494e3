import { expect, test } from "vitest";
import { processes } from "../../shared/topology.js";
import { textFiles } from "./checkout.js";
import { renderSettings } from "./render-settings.js";

// docs/limits.md is a promise: what grows has a limit, the limit a setting or a reason, and the test at its edge exists.

const files = textFiles();
const text = files.find(({ path }) => path === "docs/limits.md")?.text ?? "";
const rows = [...text.matchAll(/^\| ([a-z][a-z -]*?) +\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)]
  .map((cells) => cells.slice(1).map((cell) => cell.trim()))
  .filter(([process]) => process !== "process");

test("every process that runs is looked at", () => {
  const named = new Set(rows.map(([process]) => process));
  // These two are run by an operator, and end.
  const running = Object.keys(processes).filter((name) => name !== "admin" && name !== "replay");
  expect(named).toEqual(new Set([...running, "every process"]));
});

test("each limit is a setting that there is, or says why it is fixed", () => {
  const settings = renderSettings();
  for (const [, what = "", limit = ""] of rows) {
    const [, setting] = /^`(\w+)`$/.exec(limit) ?? [];
    if (setting === undefined) expect(limit, what).toMatch(/^fixed: ./);
    else expect(settings, what).toContain(`| \`${setting}\``);
  }
});

test("every setting that is a limit by its name is there", () => {
  const limits = [...renderSettings().matchAll(/^\| `(\w+_MAX|MAX_WORKERS|\w+_TIMEOUT)`/gm)].map(
    ([, name = ""]) => name,
  );
  expect(limits.length).toBeGreaterThan(15);
  expect(limits.filter((name) => !text.includes(`| \`${name}\` `))).toEqual([]);
});

test("what happens at each is said, and its test is there", () => {
  for (const [, what = "", , then = "", proof = ""] of rows) {
    expect(then.length, what).toBeGreaterThan(2);
    const named = [...proof.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path = ""]) => path);
    expect(named.length, what).toBeGreaterThan(0);
    expect(
      named.filter((name) => !files.some(({ path }) => path === name)),
      what,
    ).toEqual([]);
  }
});
