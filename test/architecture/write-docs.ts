// Brings the generated parts of the documents up to date: `npm run docs`, which builds and then runs this.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./checkout.js";
import { compare, generatedParts } from "./generated-parts.js";

for (const part of generatedParts) {
  const { is, shouldBe } = compare(part);
  if (is !== shouldBe) writeFileSync(join(root, part.file), shouldBe);
  process.stdout.write(`${part.file}: ${is === shouldBe ? "as it should be" : "written"}\n`);
}
