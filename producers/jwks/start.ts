import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { logProbe } from "../../shared/kafka/log-probe.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { Clock } from "../../shared/process/clock.js";
import { IntervalTask } from "../../shared/process/interval-task.js";
import { startOperationsServer } from "../../shared/process/operations-server.js";
import type { ProcessContext } from "../../shared/process/process-context.js";
import type { SettingsOf } from "../../shared/process/settings.js";
import { openLog } from "../../shared/registry/open-log.js";
import { configChanged } from "../../shared/topology.js";
import type { jwksSettings } from "./config.js";
import { jwksEvents } from "./events.js";
import { fetchDocument } from "./fetch-document.js";
import { authoritiesWithDocument, refreshAll } from "./refresh.js";
import { withinRun } from "./within-run.js";
import { writeKeys } from "./write-keys.js";

/** So many discovered keys are remembered for each key that a document may list; the record stays below 1 MB. */
const keptPerListed = 10;

/** Composes the process and starts it. */
export async function start(
  context: ProcessContext<SettingsOf<typeof jwksSettings>>,
  time: { readonly nowSeconds: Clock },
): Promise<void> {
  const { settings, log, metrics, readiness, own, crash } = context;
  readiness.set("refresh", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const { connection, framing } = await openLog("jwks", settings, log);
  own(logProbe(connection, readiness));
  const deployment = own(new DeploymentFollower(connection, framing));
  await deployment.start();
  const changes = own(new StreamWriter(connection, configChanged, framing));
  const stopping = new AbortController();
  const steps = {
    ...settings,
    ...time,
    keysKeptMax: settings.keysMax * keptPerListed,
    deployment: () => deployment.current,
    random: Math.random,
    write: writeKeys.bind(undefined, deployment, changes),
    events: jwksEvents(log, metrics),
  };
  const lookAtAll = async (): Promise<void> => {
    const outcomes = await withinRun(settings.runSecondsMax, stopping.signal, (run) =>
      refreshAll({ ...steps, fetchDocument: (uri) => fetchDocument(uri, settings, run) }),
    );
    // Health authorities whose documents can't be used are their own trouble; a log that can't be written is ours.
    readiness.set("refresh", !outcomes.includes("not_written"));
  };
  const task = new IntervalTask(settings.periodSeconds * 1000, lookAtAll, crash);
  own({
    stop() {
      stopping.abort();
      return task.stop();
    },
  });
  onOtherDocuments(deployment, () => task.hasten());
  task.start();
  readiness.set("refresh", true);
}

/** An operator who names a document need not wait for the next look. */
function onOtherDocuments(deployment: DeploymentFollower, listener: () => void): void {
  const documents = (): string => JSON.stringify(authoritiesWithDocument(deployment.current));
  let seen = documents();
  deployment.onChange(() => {
    const now = documents();
    if (now !== seen) listener();
    seen = now;
  });
}
