import type { Deployment } from "../../shared/deployment/deployment.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { Batches } from "../../shared/view/batches.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { nextDueWindow, type PlannedWindow } from "../../shared/deployment/next-due-window.js";
import type { PartitionLimits } from "../../shared/kafka/topic-limits.js";
import type { ExportWindowEvents } from "./events.js";
import { logBeginning } from "../../shared/windows/log-beginning.js";
import { keysAccepted } from "../../shared/topology.js";
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
  readonly events: Pick<ExportWindowEvents, "windowsLeftOut">;
  /** Asks for a window to be worked on; asking twice does no harm. */
  readonly enqueue: (window: ExportWindow) => Promise<void>;
}

/** So many windows of one configuration one sweep plans at most: what is planned is to be worked on meanwhile. */
const plannedPerSweepMax = 20;
/** So many it asks for. */
const askedPerSweepMax = 100;

/** What one sweep goes by. */
interface Look {
  /** No window is planned that ends later: its end was ticked before the configuration was read. */
  readonly tickedUntilSeconds: number;
  readonly newestDeployment: () => Promise<Deployment>;
  /** No window is planned that starts earlier: the log no longer holds it whole. Undefined while that is not known. */
  readonly beginningSeconds: () => Promise<number | undefined>;
}

/**
 * Plans every window whose time has come, and asks for every window of which something is not published yet. A configuration for which
 * that fails does not hold back the others.
 * @throws {AggregateError} with what failed, in the end.
 */
export async function sweep(options: SweepOptions): Promise<void> {
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  const ids = [...options.deployment().exportConfigurations.keys()];
  const look = await lookAround(options);
  for (const id of ids) await planDue(options, look, id).catch(fail);
  await askForWindows(options, ids, fail);
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} steps of the sweep failed`, {
      cause: failures[0],
    });
}

/** The cluster is asked at most once, and only if something may be due. */
async function lookAround({ ticks, newestDeployment, logLimits }: SweepOptions): Promise<Look> {
  const tickedUntilSeconds =
    (await ticks.last(keysAccepted.topic, 0))?.boundarySeconds ?? Number.NEGATIVE_INFINITY;
  let newest: Promise<Deployment> | undefined;
  let beginning: Promise<number | undefined> | undefined;
  return {
    tickedUntilSeconds,
    newestDeployment: () => (newest ??= newestDeployment()),
    beginningSeconds: () =>
      (beginning ??= logLimits().then((limits) => logBeginning(limits, ticks, tickedUntilSeconds))),
  };
}

/** Each window once, oldest first, however many configurations wait for it. */
async function askForWindows(
  { batches, enqueue }: SweepOptions,
  ids: readonly string[],
  fail: (error: unknown) => void,
): Promise<void> {
  const windows = new Map<string, ExportWindow>();
  for (const id of ids) {
    const waiting = await batches.unpublished(id, askedPerSweepMax).catch(fail);
    for (const { startSeconds, endSeconds } of waiting ?? [])
      windows.set(`${startSeconds}-${endSeconds}`, { startSeconds, endSeconds });
  }
  const oldestFirst = [...windows.values()].sort((a, b) => a.endSeconds - b.endSeconds);
  for (const window of oldestFirst) await enqueue(window).catch(fail);
}

async function planDue(options: SweepOptions, look: Look, id: string): Promise<void> {
  for (let planned = 0; planned < plannedPerSweepMax; planned++) {
    // Looked up again each time: another worker may have planned meanwhile, with other settings even.
    const lastEndSeconds = (await options.batches.last(id))?.endSeconds;
    const window = await nextDue(options, look, id, lastEndSeconds);
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
  look: Look,
  id: string,
  lastEndSeconds: number | undefined,
): Promise<PlannedWindow | undefined> {
  const plan = (
    deployment: Deployment,
    from: { lastEndSeconds: number | undefined; firstTickSeconds: number },
  ): PlannedWindow | undefined => {
    const configuration = deployment.exportConfigurations.get(id);
    const { minWindowAgeSeconds } = options;
    const times = { ...from, nowSeconds: options.nowSeconds(), minWindowAgeSeconds };
    const window = configuration && nextDueWindow({ configuration, ...times });
    return window !== undefined && window.endSeconds <= look.tickedUntilSeconds ? window : undefined;
  };
  // Most looks end here, without a question to the cluster.
  if (plan(options.deployment(), { lastEndSeconds, firstTickSeconds: 0 }) === undefined) return undefined;
  const firstTickSeconds = await look.beginningSeconds();
  if (firstTickSeconds === undefined) return undefined;
  const isGone = lastEndSeconds !== undefined && lastEndSeconds < firstTickSeconds;
  const newest = await look.newestDeployment();
  const window = plan(newest, { lastEndSeconds: isGone ? undefined : lastEndSeconds, firstTickSeconds });
  if (window === undefined || (await windowRanges(window, options.ticks)).kind === "not-yet")
    return undefined;
  if (isGone) options.events.windowsLeftOut(id, lastEndSeconds, window.startSeconds);
  return window;
}
