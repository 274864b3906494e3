import type { Deployment, ExportConfiguration } from "../../shared/deployment/deployment.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { Batches } from "../../shared/view/batches.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { nextDueWindow, type PlannedWindow } from "../../shared/deployment/next-due-window.js";
import type { PartitionLimits } from "../../shared/kafka/topic-limits.js";
import { logBeginning } from "./log-beginning.js";
import { windowRanges } from "../../shared/windows/window-ranges.js";

export interface SweepOptions {
  readonly batches: Batches;
  readonly ticks: Ticks;
  readonly deployment: () => Deployment;
  /** The configuration with every change that the log holds by now. @throws {Unavailable} */
  readonly newestDeployment: () => Promise<Deployment>;
  /** Where retention has left the start of each partition of the topics of keys. @throws {Unavailable} */
  readonly logLimits: () => Promise<readonly PartitionLimits[]>;
  readonly nowSeconds: () => number;
  readonly minWindowAgeSeconds: number;
  /** Asks for a window to be worked on; asking twice does no harm. */
  readonly enqueue: (window: ExportWindow) => Promise<void>;
}

/** So many windows of one configuration are planned, and so many asked for, by one sweep at most. */
const windowsPerSweepMax = 100;

/**
 * Plans every window whose time has come, and asks for every window of which something is not published yet. A configuration for which
 * that fails does not hold back the others.
 * @throws {AggregateError} with what failed, in the end.
 */
export async function sweep(options: SweepOptions): Promise<void> {
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  const ids = [...options.deployment().exportConfigurations.keys()];
  for (const id of ids) await planDue(options, id).catch(fail);
  await askForWindows(options, ids, fail);
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} steps of the sweep failed`, {
      cause: failures[0],
    });
}

/** Each window once, oldest first, however many configurations wait for it. */
async function askForWindows(
  { batches, enqueue }: SweepOptions,
  ids: readonly string[],
  fail: (error: unknown) => void,
): Promise<void> {
  const windows = new Map<string, ExportWindow>();
  for (const id of ids) {
    const waiting = await batches.unpublished(id, windowsPerSweepMax).catch(fail);
    for (const { startSeconds, endSeconds } of waiting ?? [])
      windows.set(`${startSeconds}-${endSeconds}`, { startSeconds, endSeconds });
  }
  const oldestFirst = [...windows.values()].sort((a, b) => a.endSeconds - b.endSeconds);
  for (const window of oldestFirst) await enqueue(window).catch(fail);
}

async function planDue(options: SweepOptions, id: string): Promise<void> {
  for (let planned = 0; planned < windowsPerSweepMax; planned++) {
    // Looked up again each time: another worker may have planned meanwhile, with other settings even.
    const lastEndSeconds = (await options.batches.last(id))?.endSeconds;
    const window = await nextDue(options, id, lastEndSeconds);
    if (window === undefined) return;
    const { startSeconds, endSeconds, settings } = window;
    const batch = { configurationId: id, startSeconds, endSeconds, filenameRoot: settings.filenameRoot };
    const nothing = { state: "planned" as const, ranges: [], files: [] };
    await options.batches.plan({ ...batch, settingsVersion: settings.version, ...nothing }, lastEndSeconds);
  }
}

/** The next window if it can be built now, by the newest settings. */
async function nextDue(
  options: SweepOptions,
  id: string,
  lastEndSeconds: number | undefined,
): Promise<PlannedWindow | undefined> {
  const { deployment, newestDeployment, ticks } = options;
  const timesOf = (firstTickSeconds: number): Omit<Parameters<typeof nextDueWindow>[0], "configuration"> => ({
    lastEndSeconds,
    firstTickSeconds,
    nowSeconds: options.nowSeconds(),
    minWindowAgeSeconds: options.minWindowAgeSeconds,
  });
  const plan = (
    configuration: ExportConfiguration | undefined,
    firstTickSeconds: number,
  ): PlannedWindow | undefined =>
    configuration && nextDueWindow({ configuration, ...timesOf(firstTickSeconds) });
  // Most looks end here, without a question to the cluster.
  const likely = plan(deployment().exportConfigurations.get(id), 0);
  if (likely === undefined || (await windowRanges(likely, ticks)).kind === "not-yet") return undefined;
  const firstTickSeconds =
    lastEndSeconds === undefined ? await logBeginning(await options.logLimits(), ticks) : 0;
  if (firstTickSeconds === undefined) return undefined;
  const window = plan((await newestDeployment()).exportConfigurations.get(id), firstTickSeconds);
  if (window === undefined || (await windowRanges(window, ticks)).kind === "not-yet") return undefined;
  return window;
}
