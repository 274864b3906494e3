import type { Deployment } from "../../shared/deployment/deployment.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Batch, BatchFile, Batches } from "../../shared/view/batches.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { buildWindow, type WindowBuilder } from "./build-window.js";
import type { ExportWindowEvents } from "./events.js";
import { publishBuilt, type Publisher } from "./publish-batches.js";
import { storeFile } from "./store-file.js";
import { EXPORT_BUILDER_VERSION as builderVersion } from "../../shared/exports/export-zip.js";
import { windowRanges } from "./window-ranges.js";

// Reads     keys.accepted and keys.embargoed, between the window's ticks
// Writes    the window's files, the index, a manifest, exports.published
// Commits when    the batch is marked published, after all of these are durable
// On duplicate    files that are there stay, lines that are there stay: the same job may run twice
// On poison       records that can't be read were dead-lettered when the ticks were indexed; here they are left out
// On outage       the job fails and the next sweep finds the batch again

export interface BatchWorker {
  readonly batches: Batches;
  readonly ticks: Ticks;
  readonly store: ObjectStore;
  readonly builder: WindowBuilder;
  readonly publisher: Publisher;
  /** The configuration with every change that the log holds by now. @throws {Unavailable} */
  readonly newestDeployment: () => Promise<Deployment>;
  readonly events: ExportWindowEvents;
}

/** Brings one planned batch as far as it goes: built, and published when its predecessors are. */
export async function workBatch(
  worker: BatchWorker,
  configurationId: string,
  endSeconds: number,
): Promise<void> {
  const batch = await worker.batches.get(configurationId, endSeconds);
  if (batch === undefined || batch.state === "published") return;
  if (batch.state === "planned") await build(worker, batch);
  await publishBuilt(worker.publisher, configurationId);
}

async function build(worker: BatchWorker, batch: Batch): Promise<void> {
  const startedAtMs = performance.now();
  // Not the configuration that this process happens to have: one that was asleep would build what no other one builds.
  const deployment = await worker.newestDeployment();
  const settings = deployment.exportConfigurations
    .get(batch.configurationId)
    ?.versions.find(({ version }) => version === batch.settingsVersion);
  if (settings === undefined)
    throw new Unavailable(`version ${batch.settingsVersion} of ${batch.configurationId} has not arrived`);
  const found = await windowRanges(batch, worker.ticks);
  if (found.kind === "not-yet") throw new Unavailable("the window's ticks have not been read everywhere");
  const files: BatchFile[] = [];
  const wanted = { window: batch, settings, ranges: found.ranges, deployment };
  for await (const file of buildWindow(worker.builder, wanted))
    files.push(await storeFile(worker.store, file));
  await worker.batches.markBuilt(batch, { ranges: found.ranges, files, builderVersion });
  const keys = files.reduce((sum, file) => sum + file.keys + file.revisedKeys, 0);
  worker.events.batchBuilt(batch, keys, (performance.now() - startedAtMs) / 1000);
}
