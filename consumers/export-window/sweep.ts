import type { Deployment, ExportConfiguration } from "../../shared/deployment/deployment.js";
import { keysAccepted } from "../../shared/topology.js";
import type { Batches } from "../../shared/view/batches.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { nextDueWindow } from "../../shared/deployment/next-due-window.js";
import { windowRanges } from "./window-ranges.js";

export interface SweepOptions {
  readonly batches: Batches;
  readonly ticks: Ticks;
  readonly deployment: () => Deployment;
  readonly nowSeconds: () => number;
  readonly minWindowAgeSeconds: number;
  /** Asks for a batch to be worked on; asking twice does no harm. */
  readonly enqueue: (configurationId: string, endSeconds: number) => Promise<void>;
}

/** So many windows of one configuration are planned by one sweep at most. */
const windowsPerSweepMax = 100;

/** Plans every window whose time has come, and asks for every batch that is not published yet. */
export async function sweep(options: SweepOptions): Promise<void> {
  const firstTick = await options.ticks.first(keysAccepted.topic, 0);
  if (firstTick === undefined) return;
  for (const configuration of options.deployment().exportConfigurations.values()) {
    await planDue(options, configuration, firstTick.boundarySeconds);
    for (const { endSeconds } of await options.batches.unpublished(configuration.id)) {
      await options.enqueue(configuration.id, endSeconds);
    }
  }
}

async function planDue(
  options: SweepOptions,
  configuration: ExportConfiguration,
  firstTickSeconds: number,
): Promise<void> {
  let lastEndSeconds = (await options.batches.last(configuration.id))?.endSeconds;
  for (let planned = 0; planned < windowsPerSweepMax; planned++) {
    const { minWindowAgeSeconds } = options;
    const nowSeconds = options.nowSeconds();
    const window = nextDueWindow({
      configuration,
      lastEndSeconds,
      firstTickSeconds,
      nowSeconds,
      minWindowAgeSeconds,
    });
    if (window === undefined || (await windowRanges(window, options.ticks)).kind === "not-yet") return;
    const { startSeconds, endSeconds, settings } = window;
    await options.batches.plan({
      configurationId: configuration.id,
      startSeconds,
      endSeconds,
      settingsVersion: settings.version,
      filenameRoot: settings.filenameRoot,
      state: "planned",
      ranges: [],
      files: [],
    });
    lastEndSeconds = endSeconds;
  }
}
