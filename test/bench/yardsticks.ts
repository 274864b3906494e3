import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import JSZip from "jszip";

// How fast this machine is at this moment, by two things that do not change: targets were set on another one.

const zipBytes = 10_000_000;
const keyBytes = 31;
const verifications = 5000;
/** As measured when the targets were set. */
const thenZipMs = 437;
const thenVerifiedPerSecond = 20_000;

/** A line that compares this machine with the one that the targets were set on. */
export async function yardsticks(): Promise<string> {
  const [zipMs, verifiedPerSecond] = [await millisecondsToZip(), es256PerSecond()];
  return [
    `jszip at level 6, 10 MB of keys: ${zipMs.toFixed(0)} ms, ${(zipMs / thenZipMs).toFixed(1)} times what it took where the targets were set`,
    `ES256 verifications by one thread: ${verifiedPerSecond.toFixed(0)}/s, ${(verifiedPerSecond / thenVerifiedPerSecond).toFixed(1)} times as many`,
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

function es256PerSecond(): number {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = randomBytes(500);
  const signature = sign("sha256", content, privateKey);
  const started = performance.now();
  for (let done = 0; done < verifications; done++) verify("sha256", content, publicKey, signature);
  return verifications / ((performance.now() - started) / 1000);
}
