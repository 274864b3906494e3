import { checkExport } from "../../shared/export-check/check-export.js";
import type { Deployment, ExportSettings } from "../../shared/deployment/deployment.js";
import { signingKeysAt } from "../../shared/deployment/deployment.js";
import { buildExport, type BuiltExportFile } from "../../shared/exports/build-export.js";
import type { Signer } from "../../shared/exports/signer.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { RangeReader } from "../../shared/kafka/range-reader.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import type { SigningKeyRecord } from "../../shared/deployment/deployment.js";
import { keysAccepted } from "../../shared/topology.js";
import { windowCollector, type WindowKeys } from "./collect-window.js";
import type { WindowRange } from "./window-ranges.js";

// A window's files are a pure function of ranges of the log, the settings and the signing keys: building them the
// first time and rebuilding them in a month are these lines on the same bytes.

export interface WindowBuilder {
  readonly reader: RangeReader;
  readonly framing: SchemaFraming;
  readonly signerOf: (key: SigningKeyRecord) => Signer;
  readonly readSecondsMax: number;
}

export interface WindowToBuild {
  readonly window: ExportWindow;
  readonly settings: ExportSettings;
  readonly ranges: readonly WindowRange[];
  readonly deployment: Deployment;
}

/** A file that the independent check refuses must never leave. */
export class BadExport extends Error {
  override readonly name = "BadExport";
}

/**
 * The files of a window, one at a time, each checked as a phone would.
 * @throws {BadExport} @throws {RangeGone} @throws {Unavailable}
 */
export async function* buildWindow(
  builder: WindowBuilder,
  wanted: WindowToBuild,
): AsyncGenerator<BuiltExportFile> {
  const { window, settings, deployment } = wanted;
  const collected = await collect(builder, wanted);
  const signingKeys = signingKeysAt(deployment, settings, window.endSeconds);
  const files = buildExport({
    config: {
      filenameRoot: settings.filenameRoot,
      outputRegion: settings.outputRegion,
      maxRecords: settings.recordsPerFileMax,
    },
    window,
    ...collected,
    signers: signingKeys.map(builder.signerOf),
  });
  for await (const file of files) {
    refuseBad(file, signingKeys);
    yield file;
  }
}

async function collect(
  builder: WindowBuilder,
  { window, settings, ranges }: WindowToBuild,
): Promise<WindowKeys> {
  const { add, collected } = windowCollector(window, settings);
  const starts = new Map(
    ranges.map((range) => [`${range.topic}/${range.partition}`, range.windowStartOffset]),
  );
  await builder.reader.read(
    ranges,
    async ({ topic, partition }, messages) => {
      const windowStartOffset = starts.get(`${topic}/${partition}`) ?? 0;
      const values = messages.map(({ value }) => value);
      const decoded = await builder.framing.decodeAll(keysAccepted, values);
      for (const [index, result] of decoded.entries()) {
        const offset = Number(messages[index]?.offset ?? -1);
        if (result.fate === "done") add(result.message, { topic, offset, windowStartOffset });
      }
    },
    builder.readSecondsMax,
  );
  return collected;
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
