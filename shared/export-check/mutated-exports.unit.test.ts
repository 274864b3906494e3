import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anExport, anExportContent, aZip, defaultSigner } from "./an-export.js";
import { checkExport } from "./check-export.js";
import type { ExportCheck } from "./check-export.js";

const zip = anExport();
const { bin, sig } = anExportContent();

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(), value: fc.nat(40) }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("repeat" as const), at: fc.nat(), value: fc.nat(40) }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

test("a zip with random mutations is refused, or its export.bin is untouched", () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      expect(untouchedOrRefused(checkSound(mutate(zip, mutations)), zip)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("an export.bin with random mutations never passes with the old signature", () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const changed = mutate(bin, mutations);
      const check = checkSound(zipOf(changed, sig));
      expect(check.ok).toBe(changed.equals(bin));
    }),
    { numRuns: 3000 },
  );
});

test("an export.sig with random mutations passes only if it still holds a valid signature", () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const check = checkSound(zipOf(bin, mutate(sig, mutations)));
      if (check.ok) expect(Buffer.compare(check.export.exportBin, bin)).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test("random bytes are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 200 }), (first, second) => {
      expect(checkSound(first).ok).toBe(false);
      expect(checkSound(zipOf(Buffer.concat([bin.subarray(0, 16), first]), second)).ok).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

function checkSound(bytes: Uint8Array): ExportCheck {
  return checkExport(bytes, { publicKeys: [defaultSigner.publicKey] });
}

function zipOf(exportBin: Uint8Array, exportSig: Uint8Array): Buffer {
  return aZip([
    { name: "export.bin", content: exportBin },
    { name: "export.sig", content: exportSig },
  ]);
}

function untouchedOrRefused(check: ExportCheck, original: Buffer): boolean {
  if (!check.ok) return check.findings.length > 0;
  const untouched = checkSound(original);
  return untouched.ok && sha256(check.export.exportBin) === sha256(untouched.export.exportBin);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function mutate(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce((changed, { kind, at, value }) => {
    const position = at % Math.max(1, changed.length);
    const before = changed.subarray(0, position);
    const after = changed.subarray(position);
    if (kind === "set") return Buffer.concat([before, Buffer.from([value]), after.subarray(1)]);
    if (kind === "cut") return Buffer.concat([before, after.subarray(value)]);
    if (kind === "insert") return Buffer.concat([before, Buffer.from([value]), after]);
    return Buffer.concat([before, after.subarray(0, value), after]);
  }, bytes);
}
