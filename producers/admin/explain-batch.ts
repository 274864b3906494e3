import { nextDueWindow } from "../../shared/deployment/next-due-window.js";
import { parseExportObjectName } from "../../shared/exports/object-names.js";
import type { ExportWindow } from "../../shared/exports/window.js";
import { topicLimits, type TopicPartition } from "../../shared/kafka/topic-limits.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import type { Batch } from "../../shared/view/batches.js";
import type { Opened } from "./explain-session.js";
import { Refused, WrongUsage } from "./failures.js";

/** How far a window of an export has come, and what it waits for. */
export interface BatchExplanation {
  readonly configurationId: string;
  readonly window: ExportWindow;
  readonly batch: Batch | undefined;
  /** When it may be built at the earliest (unix seconds). */
  readonly dueSeconds: number;
  /** Partitions in which no tick for the end has been read. */
  readonly withoutTick: readonly TopicPartition[];
  /** Ends of earlier windows that are not published yet: it has to wait for them. */
  readonly waitsFor: readonly number[];
}

/** The window that a file or an end names. @throws {WrongUsage} */
export function wantedEnd(options: {
  readonly end: number | undefined;
  readonly file: string | undefined;
}): number {
  const { end, file } = options;
  if ((end === undefined) === (file === undefined)) throw new WrongUsage("give one of --end and --file");
  const endSeconds = end ?? parseExportObjectName(file ?? "")?.endSeconds;
  if (endSeconds === undefined)
    throw new WrongUsage("option --file: an export file is named <root>/<start>-<end>-<number>.zip");
  return endSeconds;
}

/** So many earlier windows that are not published are looked at. */
const waitingMax = 100;

/** @throws {Refused} when the export does not exist, or has no such window. */
export async function explainBatch(
  opened: Opened,
  configurationId: string,
  endSeconds: number,
): Promise<BatchExplanation> {
  const configuration = opened.deployment.exportConfigurations.get(configurationId);
  if (configuration === undefined)
    throw new Refused(`there is no export ${configurationId}; see: tekstream export list`);
  const batch = await opened.batches.get(configurationId, endSeconds);
  const window = batch ?? (await windowAhead(opened, configuration, endSeconds));
  const unpublished = await opened.batches.unpublished(configurationId, waitingMax);
  return {
    configurationId,
    window: { startSeconds: window.startSeconds, endSeconds },
    batch,
    dueSeconds: endSeconds + opened.minWindowAgeSeconds,
    withoutTick: batch === undefined ? await missingTicks(opened, endSeconds) : [],
    waitsFor: unpublished.map((earlier) => earlier.endSeconds).filter((end) => end < endSeconds),
  };
}

const windowsAheadMax = 100_000;

/** A window that is not planned yet, as it would be planned by what is configured now. */
async function windowAhead(
  { batches, logBeginningSeconds, minWindowAgeSeconds }: Opened,
  configuration: Parameters<typeof nextDueWindow>[0]["configuration"],
  endSeconds: number,
): Promise<ExportWindow> {
  let lastEndSeconds = (await batches.last(configuration.id))?.endSeconds;
  for (let planned = 0; planned < windowsAheadMax; planned++) {
    const times = {
      lastEndSeconds,
      firstTickSeconds: logBeginningSeconds,
      nowSeconds: Infinity,
      minWindowAgeSeconds,
    };
    const next = nextDueWindow({ configuration, ...times });
    if (next?.endSeconds === endSeconds) return next;
    if (next === undefined || next.endSeconds > endSeconds) break;
    lastEndSeconds = next.endSeconds;
  }
  throw new Refused(
    `export ${configuration.id} has no window that ends then: it is no boundary of its period, or before its first window, or after its end`,
  );
}

async function missingTicks({ connection, ticks }: Opened, endSeconds: number): Promise<TopicPartition[]> {
  const missing: TopicPartition[] = [];
  for (const { topic, partition } of await topicLimits(connection, [
    keysAccepted.topic,
    keysEmbargoed.topic,
  ])) {
    if ((await ticks.firstFrom(topic, partition, endSeconds)) === undefined)
      missing.push({ topic, partition });
  }
  return missing;
}
