import type { Deployment, ExportSettings } from "../../shared/deployment/deployment.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Batch, BatchFile, Batches } from "../../shared/view/batches.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { buildWindow, type WindowBuilder } from "./build-window.js";
import type { ExportWindowEvents } from "./events.js";
import { contentWindow } from "./content-window.js";
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
  if (batch.state === "planned") await buildBatch(worker, batch);
  await publishBuilt(worker.publisher, configurationId);
}

async function buildBatch(worker: BatchWorker, batch: Batch): Promise<void> {
  const startedAtMs = performance.now();
  // Not the configuration that this process happens to have: one that was asleep would build what no other one builds.
  const deployment = await worker.newestDeployment();
  const settings = settingsOf(deployment, batch);
  const mayBeHeld = (before: Batch): boolean => settingsOf(deployment, before).holdRecordsMin > 0;
  const build = (before: Batch): Promise<void> => buildBatch(worker, before);
  const window = await contentWindow({ batches: worker.batches, mayBeHeld, build }, batch);
  const found = await windowRanges(window, worker.ticks);
  if (found.kind === "not-yet") throw new Unavailable("the window's ticks have not been read everywhere");
  const { configurationId } = batch;
  const { ranges } = found;
  const built = await buildWindow(worker.builder, { configurationId, window, settings, ranges, deployment });
  const held = built.kind === "held";
  const files: BatchFile[] = [];
  if (!held) for await (const file of built.files) files.push(await storeFile(worker.store, file));
  const contentStartSeconds = window.startSeconds;
  await worker.batches.markBuilt(batch, { ranges, files, builderVersion, held, contentStartSeconds });
  const keys = files.reduce((sum, file) => sum + file.keys + file.revisedKeys, 0);
  worker.events.batchBuilt({ ...batch, held }, keys, (performance.now() - startedAtMs) / 1000);
}

/** @throws {Unavailable} when this process has not read that version yet. */
function settingsOf(deployment: Deployment, { configurationId, settingsVersion }: Batch): ExportSettings {
  const { versions = [] } = deployment.exportConfigurations.get(configurationId) ?? {};
  const settings = versions.find(({ version }) => version === settingsVersion);
  if (settings !== undefined) return settings;
  throw new Unavailable(`version ${settingsVersion} of ${configurationId} has not arrived`);
}
