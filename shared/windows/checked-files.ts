import { checkExport } from "../export-check/check-export.js";
import type { SigningKeyRecord } from "../deployment/deployment.js";
import type { BuiltExportFile } from "../exports/build-export.js";

/** A file that the independent check refuses must never leave. */
export class BadExport extends Error {
  override readonly name = "BadExport";
}

/**
 * The files, each checked as a phone would before it is handed on.
 * @throws {BadExport} instead of the first file that a phone would refuse.
 */
export async function* checkedFiles(
  files: AsyncIterable<BuiltExportFile>,
  signingKeys: readonly SigningKeyRecord[],
): AsyncGenerator<BuiltExportFile, void, void> {
  for await (const file of files) {
    refuseBad(file, signingKeys);
    yield file;
  }
}

function refuseBad(file: BuiltExportFile, signingKeys: readonly SigningKeyRecord[]): void {
  const publicKeys = signingKeys.map(({ verificationKeyId, verificationKeyVersion, publicKeyPem }) => ({
    id: verificationKeyId,
    version: verificationKeyVersion,
    pem: publicKeyPem,
  }));
  const check = checkExport(file.zip, {
    publicKeys,
    unsigned: publicKeys.length === 0 ? "accepted" : "refused",
  });
  if (check.ok) return;
  const findings = check.findings.map(({ reason }) => reason).join(", ");
  throw new BadExport(`${file.objectName} would be refused by phones: ${findings}`);
}
