import { execFile, spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { HealthAuthority } from "../phones/health-authority.js";
import type { ExportPublicKey } from "../../shared/export-check/check-export.js";
import { root } from "./a-process.js";

/** Runs the `tekstream` command line and gives what it prints; rejects when it fails. */
export type Tekstream = (...args: readonly string[]) => Promise<string>;

export const appName = "gov.example.app";
export const filenameRoot = "exposureKeyExport-US";
/** The key that signs from the beginning. */
export const signingKey = { id: "us-1", keyId: "310", version: "v1" };

/** What small exports are padded to: so many keys, and up to so many more. None by default, so that tests can compare. */
export interface Padding {
  readonly recordsMin: number;
  readonly recordsRange: number;
}

/** Starts the same and gives the process, to be killed in the middle. */
export function startCommandLine(
  env: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): ChildProcess {
  const main = join(root, "dist/producers/admin/main.js");
  return spawn(process.execPath, [main, ...args], {
    env: { ...env, PATH: process.env.PATH },
    stdio: "ignore",
  });
}

/** The real command line as an operator runs it, with these settings; by default as this checkout has built it. */
export function commandLine(env: Readonly<Record<string, string | undefined>>, checkout = root): Tekstream {
  const main = join(checkout, "dist/producers/admin/main.js");
  return async (...args) => {
    const options = { env: { ...env, PATH: process.env.PATH } };
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], options);
    return stdout;
  };
}

/** One health authority, one app, one signing key and one export, as the README's first steps make them. */
export async function setUpDeployment(
  tekstream: Tekstream,
  options: {
    authority: HealthAuthority;
    folder: string;
    periodSeconds: number;
    /** When the authority's key begins; undefined: at once. */
    keyFrom?: string | undefined;
    padding?: Padding;
  },
): Promise<void> {
  const { authority, folder, periodSeconds, keyFrom } = options;
  const pem = join(folder, "health-authority.pem");
  writeFileSync(pem, authority.publicPem);
  const { issuer, audience, keyVersion } = authority;
  const names = ["--id", "doh", "--name", "Health", "--issuer", issuer, "--audience", audience];
  const key = ["--key-version", keyVersion, "--public-key", pem];
  // One that begins at another time is added: a new authority's key begins at once.
  await tekstream("health-authority", "create", ...names, ...(keyFrom === undefined ? key : []));
  if (keyFrom !== undefined)
    await tekstream("health-authority", "add-key", "--id", "doh", ...key, "--from", keyFrom);
  await tekstream("app", "create", "--name", appName, "--region", "US", "--health-authority", "doh");
  const { id, keyId, version } = signingKey;
  await tekstream("signing-key", "create", "--id", id, "--key-id", keyId, "--key-version", version);
  const { recordsMin, recordsRange } = options.padding ?? { recordsMin: 0, recordsRange: 0 };
  const padding = ["--min-records", String(recordsMin), "--padding-range", String(recordsRange)];
  const period = ["--period", `${periodSeconds}s`, "--output-region", "US", "--signing-key", id];
  await tekstream("export", "create", "--id", "us", "--filename-root", filenameRoot, ...period, ...padding);
}

/** What phones check the exports with. */
export async function publicKey(tekstream: Tekstream, key = signingKey): Promise<ExportPublicKey> {
  const shown = await tekstream("signing-key", "show", "--id", key.id, "--json");
  const { publicKeyPem } = JSON.parse(shown) as { publicKeyPem: string };
  return { id: key.keyId, version: key.version, pem: publicKeyPem };
}
