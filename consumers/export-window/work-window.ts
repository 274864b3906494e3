import type { Deployment, ExportSettings } from "../../shared/deployment/deployment.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Batch, BatchFile, Batches } from "../../shared/view/batches.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import {
  collectWindow,
  windowFiles,
  type PlacedWindow,
  type WindowBuilder,
} from "../../shared/windows/build-window.js";
import type { WindowKeys } from "../../shared/windows/collect-window.js";
import type { ExportWindowEvents } from "./events.js";
import { contentWindow } from "../../shared/windows/content-window.js";
import { passes } from "./passes.js";
import { publishBuilt, type Publisher } from "./publish-batches.js";
import { storeFile } from "../../shared/windows/store-file.js";
import { EXPORT_BUILDER_VERSION as builderVersion } from "../../shared/exports/export-zip.js";
import { windowRanges } from "../../shared/windows/window-ranges.js";

// Reads     keys.accepted and keys.embargoed, between the window's ticks, once for several configurations
// Writes    each one's files, index, manifest, exports.published
// Commits when    a batch is marked published, after all of these are durable
// On duplicate    files that are there stay, lines that are there stay: the same job may run twice
// On poison       records that can't be read were dead-lettered when the ticks were indexed; here they are left out
// On outage       the batch fails, the window's others go on, and the next sweep finds it again

export interface WindowWorker {
  readonly batches: Batches;
  readonly ticks: Ticks;
  readonly store: ObjectStore;
  readonly builder: WindowBuilder;
  readonly publisher: Publisher;
  /** So many configurations are collected by one pass over the log, at most: their keys are in memory together. */
  readonly configurationsPerPassMax: number;
  /** The configuration with every change that the log holds by now. @throws {Unavailable} */
  readonly newestDeployment: () => Promise<Deployment>;
  readonly events: ExportWindowEvents;
}

/** A batch that is to be built, and by which settings. */
interface Plan {
  readonly batch: Batch;
  readonly settings: ExportSettings;
  /** What its files hold: its own window, and the held ones right before it. */
  readonly content: ExportWindow;
}

/** Brings every batch of a window as far as it goes: built, and published when its predecessors are. */
export async function workWindow(worker: WindowWorker, window: ExportWindow): Promise<void> {
  const batches = await worker.batches.unpublishedOf(window);
  const planned = batches.filter(({ state }) => state === "planned");
  if (planned.length > 0) await buildBatches(worker, planned);
  for (const batch of batches)
    await orFail(worker, batch, () => publishBuilt(worker.publisher, batch.configurationId));
}

async function buildBatches(worker: WindowWorker, batches: readonly Batch[]): Promise<void> {
  // Not the configuration that this process happens to have: one that was asleep would build what no other one builds.
  const deployment = await worker.newestDeployment();
  const plans: Plan[] = [];
  for (const batch of batches)
    await orFail(worker, batch, async () => {
      plans.push(await planOf(worker, deployment, batch));
    });
  for (const pass of passes(plans, worker.configurationsPerPassMax))
    await buildPass(worker, deployment, pass).catch((error: unknown) => {
      for (const { batch } of pass) worker.events.batchFailed(batch.configurationId, batch.endSeconds, error);
    });
}

async function planOf(worker: WindowWorker, deployment: Deployment, batch: Batch): Promise<Plan> {
  const mayBeHeld = (before: Batch): boolean => settingsOf(deployment, before).holdRecordsMin > 0;
  const build = async (before: Batch): Promise<void> => {
    await buildPass(worker, deployment, [await planOf(worker, deployment, before)]);
  };
  const settings = settingsOf(deployment, batch);
  const content = await contentWindow({ batches: worker.batches, mayBeHeld, build }, batch);
  return { batch, settings, content };
}

/** All of these hold the same content window. */
async function buildPass(worker: WindowWorker, deployment: Deployment, pass: readonly Plan[]): Promise<void> {
  const [first] = pass;
  if (first === undefined) return;
  const startedAtMs = performance.now();
  const found = await windowRanges(first.content, worker.ticks);
  if (found.kind === "not-yet") throw new Unavailable("the window's ticks have not been read everywhere");
  const placed = { window: first.content, ranges: found.ranges };
  const collected = [
    ...(await collectWindow(
      worker.builder,
      placed,
      pass.map(({ settings }) => settings),
    )),
  ];
  worker.events.passRead(first.batch.endSeconds, pass.length);
  for (const plan of pass) {
    // Let go of one by one: together they may be many.
    const keys = collected.shift();
    if (keys !== undefined)
      await orFail(worker, plan.batch, () =>
        buildBatch(worker, deployment, { plan, placed, keys, startedAtMs }),
      );
  }
}

async function buildBatch(
  worker: WindowWorker,
  deployment: Deployment,
  read: { plan: Plan; placed: PlacedWindow; keys: WindowKeys; startedAtMs: number },
): Promise<void> {
  const { batch, settings } = read.plan;
  const { window, ranges } = read.placed;
  const { configurationId } = batch;
  const wanted = { configurationId, window, settings, ranges, deployment };
  const built = windowFiles(worker.builder, wanted, read.keys);
  const held = built.kind === "held";
  const files: BatchFile[] = [];
  if (!held) for await (const file of built.files) files.push(await storeFile(worker.store, file));
  const contentStartSeconds = window.startSeconds;
  await worker.batches.markBuilt(batch, { ranges, files, builderVersion, held, contentStartSeconds });
  const keys = files.reduce((sum, file) => sum + file.keys + file.revisedKeys, 0);
  worker.events.batchBuilt({ ...batch, held }, keys, (performance.now() - read.startedAtMs) / 1000);
}

/** One configuration's failure does not hold back the others; the next sweep asks for its batch again. */
async function orFail(worker: WindowWorker, batch: Batch, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    worker.events.batchFailed(batch.configurationId, batch.endSeconds, error);
  }
}

/** @throws {Unavailable} when this process has not read that version yet. */
function settingsOf(deployment: Deployment, { configurationId, settingsVersion }: Batch): ExportSettings {
  const { versions = [] } = deployment.exportConfigurations.get(configurationId) ?? {};
  const settings = versions.find(({ version }) => version === settingsVersion);
  if (settings !== undefined) return settings;
  throw new Unavailable(`version ${settingsVersion} of ${configurationId} has not arrived`);
}
