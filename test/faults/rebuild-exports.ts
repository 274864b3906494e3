import { buildWindow } from "../../shared/windows/build-window.js";
import { contentOf } from "../../shared/windows/content-window.js";
import { paddingSecret } from "../../shared/windows/padding-secret.js";
import { signerFactory } from "../../shared/windows/signer-factory.js";
import type { WindowRange } from "../../shared/windows/window-ranges.js";
import { RangeReader } from "../../shared/kafka/range-reader.js";
import { keysAccepted, keysEmbargoed, type PublishedRecord } from "../../shared/topology.js";
import type { Batch } from "../../shared/view/batches.js";
import type { Audit } from "./audit.js";
import { findingAbout, type Finding } from "./finding.js";

const readSecondsMax = 60;

/** Builds every published window again from the log, by the ranges that were recorded, and compares the bytes. */
export async function rebuildExports(
  audit: Audit,
  published: readonly PublishedRecord[],
): Promise<readonly Finding[]> {
  const reader = new RangeReader(audit.connection, [keysAccepted.topic, keysEmbargoed.topic]);
  reader.start();
  try {
    const records = new Map(
      published.map((record) => [`${record.exportConfigurationId}/${record.endSeconds}`, record]),
    );
    const differing: string[] = [];
    for (const record of records.values()) differing.push(...(await rebuild(audit, reader, record)));
    return findingAbout("rebuilt_differently", differing);
  } finally {
    await reader.stop();
  }
}

/** What is wrong with one window. */
async function rebuild(
  audit: Audit,
  reader: RangeReader,
  record: PublishedRecord,
): Promise<readonly string[]> {
  const { view, deployment, framing, masterKey, store } = audit;
  const window = `${record.startSeconds}-${record.endSeconds}`;
  const batch = await view.db
    .collection<Batch>("batches")
    .findOne({ configurationId: record.exportConfigurationId, endSeconds: record.endSeconds });
  const settings = deployment.current.exportConfigurations
    .get(record.exportConfigurationId)
    ?.versions.find(({ version }) => version === record.configurationVersion);
  if (batch === null || settings === undefined) return [`${window} has no batch or no settings`];
  const ranges = batch.ranges as readonly WindowRange[];
  if (!sameRanges(ranges, record)) return [`${window} was told of with other ranges than recorded`];
  const builder = {
    reader,
    framing,
    readSecondsMax,
    signerOf: signerFactory(masterKey),
    paddingSecret: paddingSecret(masterKey),
  };
  const differing: string[] = [];
  const names: string[] = [];
  const built = await buildWindow(builder, {
    configurationId: record.exportConfigurationId,
    window: contentOf(batch),
    settings,
    ranges,
    deployment: deployment.current,
  });
  if ((built.kind === "held") !== record.held) return [`${window} was held once, and once not`];
  if (built.kind === "held") return [];
  for await (const file of built.files) {
    const stored = await store.get(file.objectName);
    const told = record.files.find(({ objectName }) => objectName === file.objectName);
    const hash = Buffer.from(told?.zipSha256 ?? []).toString("hex");
    const { zip, zipSha256 } = await file.pack();
    if (stored?.bytes.equals(zip) !== true || hash !== zipSha256) differing.push(file.objectName);
    names.push(file.objectName);
  }
  if (names.length !== record.files.length) differing.push(`${window} has ${names.length} files`);
  return differing;
}

function sameRanges(ranges: readonly WindowRange[], record: PublishedRecord): boolean {
  const told = record.ranges.map(
    ({ topic, partition, startOffset, endOffset }) =>
      `${topic}/${partition ?? 0}:${startOffset ?? 0}-${endOffset ?? 0}`,
  );
  const recorded = ranges.map(
    ({ topic, partition, startOffset, endOffset }) => `${topic}/${partition}:${startOffset}-${endOffset}`,
  );
  return JSON.stringify(told) === JSON.stringify(recorded);
}
