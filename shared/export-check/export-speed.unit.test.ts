import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { cpuSecondsOf } from "../../test/reporting/cpu-seconds.js";
import { anExportContent, aZip, defaultSigner, windowStart } from "./an-export.js";
import { checkExport } from "./check-export.js";

test("half a million keys are checked quickly", { timeout: 60_000 }, () => {
  const count = 500_000;
  const { bin, sig } = anExportContent({ keys: [], revisedKeys: [], extra: manyKeys(count) });
  const zip = aZip([
    { name: "export.bin", content: bin },
    { name: "export.sig", content: sig },
  ]);
  const seconds = cpuSecondsOf(() => {
    const check = checkExport(zip, { publicKeys: [defaultSigner.publicKey] });
    expect(check).toMatchObject({ ok: true, export: { keys: { count } } });
  });
  // It takes 0.2 s when compiled; the test runner slows it down, and so may other tests on the same machine.
  expect(seconds, `${zip.length} bytes in ${seconds.toFixed(3)} s`).toBeLessThan(2);
});

/** Key fields, sorted: a counter of 4 bytes and 12 random ones, with all fields but the period. */
function manyKeys(count: number): Buffer {
  const record = Buffer.from(`3a1b0a10${"00".repeat(16)}100218000000002801`, "hex");
  const all = Buffer.alloc(count * record.length);
  for (let row = 0; row < count; row++) {
    const at = row * record.length;
    record.copy(all, at);
    randomBytes(12).copy(all, at + 8);
    all.writeUInt32BE(row * 8191, at + 4);
    writeVarint4(all, windowStart / 600 - 144 * (1 + (row % 14)), at + 23);
  }
  return all;
}

/** Writes a number between 2^21 and 2^28 as a varint of four bytes. */
function writeVarint4(target: Buffer, value: number, at: number): void {
  for (let byte = 0; byte < 4; byte++) {
    target[at + byte] = ((value >>> (7 * byte)) & 0x7f) | (byte < 3 ? 0x80 : 0);
  }
}
