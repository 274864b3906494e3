import { checkExport } from "../export-check/check-export.js";
import type { SigningKeyRecord } from "../deployment/deployment.js";
import type { BuiltExportFile, PackedFile } from "../exports/build-export.js";

/** A file that the independent check refuses must never leave. */
export class BadExport extends Error {
  override readonly name = "BadExport";
}

/**
 * The files, each checked as a phone would when it is packed.
 * @throws {BadExport} from `pack`, in the place of a file that a phone would refuse.
 */
export async function* checkedFiles(
  files: AsyncIterable<BuiltExportFile>,
  signingKeys: readonly SigningKeyRecord[],
): AsyncGenerator<BuiltExportFile, void, void> {
  for await (const file of files) {
    yield {
      ...file,
      async pack() {
        const packed = await file.pack();
        refuseBad(file.objectName, packed, signingKeys);
        return packed;
      },
    };
  }
}

function refuseBad(objectName: string, { zip }: PackedFile, signingKeys: readonly SigningKeyRecord[]): void {
  const publicKeys = signingKeys.map(({ verificationKeyId, verificationKeyVersion, publicKeyPem }) => ({
    id: verificationKeyId,
    version: verificationKeyVersion,
    pem: publicKeyPem,
  }));
  const check = checkExport(zip, {
    publicKeys,
    unsigned: publicKeys.length === 0 ? "accepted" : "refused",
  });
  if (check.ok) return;
  const findings = check.findings.map(({ reason }) => reason).join(", ");
  throw new BadExport(`${objectName} would be refused by phones: ${findings}`);
}
