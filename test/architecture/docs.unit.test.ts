import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { root, textFiles } from "./checkout.js";
import { compare, generatedParts } from "./generated-parts.js";

const files = textFiles();
const documents = files.filter(({ path }) => path.endsWith(".md"));

test.each(generatedParts.map((part) => [part.file, part.name, part] as const))(
  "%s shows %s as the code has it (npm run docs brings it up to date)",
  (_file, _name, part) => {
    const { is, shouldBe } = compare(part);
    expect(is).toBe(shouldBe);
  },
);

test("links between documents lead somewhere", () => {
  const dead = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .filter(([, target = "", anchor]) => !leadsSomewhere(path, target, anchor))
      .map(([link]) => `${path}: ${link}`),
  );
  expect(dead).toEqual([]);
});

test("the sections that messages send an operator to are there", () => {
  const named = files
    .filter(({ path }) => path.endsWith(".ts") && !path.startsWith("test/"))
    .flatMap(({ text }) => [...text.matchAll(/See (docs\/[\w-]+\.md), \\?"([^"\\]+)\\?"/g)])
    .map(([, file = "", section = ""]) => ({ file, section }));
  expect(named.length).toBeGreaterThan(0);
  for (const { file, section } of named) expect(headings(file), file).toContain(section);
});

function leadsSomewhere(from: string, target: string, anchor: string | undefined): boolean {
  const path = target === "" ? from : posix.join(posix.dirname(from), target);
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || headings(path).map(anchorOf).includes(anchor);
}

function headings(path: string): string[] {
  const text = documents.find((document) => document.path === path)?.text ?? "";
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}
