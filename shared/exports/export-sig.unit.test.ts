import { expect, test } from "vitest";
import { encodeExportSig } from "./export-sig.js";
import { EXPORT_VECTORS, exportVector } from "./vectors.test-support.js";

test.each(EXPORT_VECTORS)("%s: the recorded signatures give the reference server's export.sig", (name) => {
  const vector = exportVector(name);
  expect(encodeExportSig(vector.signatures).toString("hex")).toBe(vector.exportSig.toString("hex"));
});

test("without signers export.sig is empty", () => {
  expect(encodeExportSig([])).toHaveLength(0);
});
