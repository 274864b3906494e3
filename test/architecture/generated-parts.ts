import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./checkout.js";
import { renderPicture } from "./render-picture.js";
import { renderSettings } from "./render-settings.js";

/** A part of a document that is made from the code, between two comments that name it. */
export interface GeneratedPart {
  readonly file: string;
  readonly name: string;
  readonly render: () => string;
}

export const generatedParts: readonly GeneratedPart[] = [
  { file: "README.md", name: "the river", render: renderPicture },
  { file: "docs/configure.md", name: "settings", render: renderSettings },
];

/** The document's text as it stands, and as it should be. Throws when the two comments are not there. */
export function compare({ file, name, render }: GeneratedPart): { is: string; shouldBe: string } {
  const is = readFileSync(join(root, file), "utf8");
  const [begin, end] = [`<!-- generated: ${name} -->\n`, `<!-- end of generated: ${name} -->`];
  const [start, stop] = [is.indexOf(begin), is.indexOf(end)];
  if (start === -1 || stop < start) throw new Error(`${file} has no part "${name}"`);
  return { is, shouldBe: `${is.slice(0, start)}${begin}\n${render()}\n\n${is.slice(stop)}` };
}
