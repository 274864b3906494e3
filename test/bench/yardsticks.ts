import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import JSZip from "jszip";
import { cpuSecondsOf } from "../reporting/cpu-seconds.js";

// How fast this machine is at this moment, by things that do not change: targets were set on another one.

const zipBytes = 10_000_000;
const keyBytes = 31;
const verifications = 5000;
const syncs = 100;
const syncedBytes = 4096;
/** As measured when the targets were set. */
const thenZipMs = 437;
const thenVerifiedPerSecond = 20_000;

/** What this machine takes for work that is always the same. */
export interface Yardsticks {
  /** jszip at level 6, 10 MB of keys. */
  readonly zipMs: number;
  /** Processor milliseconds of one ES256 verification. */
  readonly verificationMs: number;
  /** Until 4 kB are on the disk: half of the times are shorter. */
  readonly syncMs: number;
}

/** Takes them; `folder` lies on the disk that the log is written to. */
export async function yardsticks(folder: string): Promise<Yardsticks> {
  return { zipMs: await millisecondsToZip(), verificationMs: verificationMs(), syncMs: syncMs(folder) };
}

/** How many times as long as where the targets were set this machine takes to zip, which is most of an export. */
export function slownessOfZip({ zipMs }: Yardsticks): number {
  return zipMs / thenZipMs;
}

/** Lines that compare this machine with the one that the targets were set on. */
export function comparison(taken: Yardsticks): string {
  const { zipMs, verificationMs: verified, syncMs: synced } = taken;
  const thenVerificationMs = 1000 / thenVerifiedPerSecond;
  return [
    `jszip at level 6, 10 MB of keys: ${zipMs.toFixed(0)} ms, ${slownessOfZip(taken).toFixed(2)} times what it took where the targets were set`,
    `one ES256 verification: ${verified.toFixed(3)} ms, ${(verified / thenVerificationMs).toFixed(1)} times what it took there`,
    `4 kB to the disk: ${synced.toFixed(1)} ms`,
  ].join("\n");
}

async function millisecondsToZip(): Promise<number> {
  const content = Buffer.alloc(zipBytes, "as alike as the rest of a key");
  for (let at = 0; at + keyBytes <= zipBytes; at += keyBytes) randomBytes(16).copy(content, at);
  const options = { compression: "DEFLATE", compressionOptions: { level: 6 } } as const;
  const pack = (): Promise<Buffer> =>
    new JSZip().file("export.bin", content).generateAsync({ type: "nodebuffer", ...options });
  await pack();
  const started = performance.now();
  await pack();
  return performance.now() - started;
}

function verificationMs(): number {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = randomBytes(500);
  const signature = sign("sha256", content, privateKey);
  const seconds = cpuSecondsOf(() => {
    for (let done = 0; done < verifications; done++) verify("sha256", content, publicKey, signature);
  });
  return (seconds * 1000) / verifications;
}

function syncMs(folder: string): number {
  const name = join(folder, "a-disk-that-syncs");
  const file = openSync(name, "w");
  const content = randomBytes(syncedBytes);
  const times = Array.from({ length: syncs }, () => {
    const started = performance.now();
    writeSync(file, content);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  rmSync(name);
  return times.sort((a, b) => a - b)[syncs / 2] ?? 0;
}
