import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { topicLimits } from "../../shared/kafka/topic-limits.js";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Log } from "../../shared/process/log.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { Batches } from "../../shared/view/batches.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { Progress } from "../../shared/view/progress.js";
import { Ticks } from "../../shared/view/ticks.js";
import { logBeginning } from "../../shared/windows/log-beginning.js";
import type { ExplainSettings } from "./config.js";
import { Refused } from "./failures.js";
import { within } from "./within.js";

/** A deployment laid open for reading: log, view, exports and configuration. */
export interface Opened {
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  readonly deployment: Deployment;
  readonly store: ObjectStore;
  readonly keys: KeyDocuments;
  readonly batches: Batches;
  readonly ticks: Ticks;
  /** No window starts earlier (unix seconds): the log no longer holds it whole. */
  readonly logBeginningSeconds: number;
  readonly progress: Progress;
  readonly minWindowAgeSeconds: number;
  readonly indexRetentionSeconds: number;
  readonly view: View;
}

/**
 * Opens a deployment, gives it to `work`, and closes it however that ends. Nothing is written.
 * @throws {Refused} when a part does not answer in time.
 */
export async function withOpened(
  settings: ExplainSettings,
  log: Log,
  waitSecondsMax: number,
  work: (opened: Opened) => Promise<void>,
): Promise<void> {
  const late = (what: string) => () => `${what} did not answer within ${waitSecondsMax} s`;
  const opening = openLog("admin", settings, log);
  const { connection, framing } = await within(waitSecondsMax, opening, late("the cluster or the registry"));
  const follower = new DeploymentFollower(connection, framing);
  const view = connectView({ ...settings, process: "admin" });
  try {
    await within(waitSecondsMax, follower.start(), late("the cluster"));
    await within(waitSecondsMax, untilPinged(view, waitSecondsMax), late("MongoDB"));
    const ticks = new Ticks(view);
    const topics = [keysAccepted.topic, keysEmbargoed.topic];
    const limits = await topicLimits(connection, topics);
    const last = await ticks.last(keysAccepted.topic, 0);
    await work({
      connection,
      framing,
      deployment: follower.current,
      store: openObjectStore(settings.objectStoreUrl, settings.prefix),
      keys: new KeyDocuments(view),
      batches: new Batches(view),
      ticks,
      logBeginningSeconds: (await logBeginning(limits, ticks, last?.boundarySeconds ?? 0)) ?? 0,
      progress: new Progress(view),
      minWindowAgeSeconds: settings.minWindowAgeSeconds,
      indexRetentionSeconds: settings.indexRetentionSeconds,
      view,
    });
  } finally {
    await Promise.allSettled([follower.stop(), view.stop()]);
  }
}

/** The first connection may still be under way. */
async function untilPinged(view: View, secondsMax: number): Promise<void> {
  const deadline = performance.now() + secondsMax * 1000;
  for (;;) {
    try {
      await view.ping();
      return;
    } catch (cause) {
      if (performance.now() > deadline) throw new Refused("MongoDB does not answer", { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
