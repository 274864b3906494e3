import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { IntervalTask } from "../../shared/process/interval-task.js";
import { startOperationsServer } from "../../shared/process/operations-server.js";
import { runProcess } from "../../shared/process/run-process.js";
import { openLog } from "../../shared/registry/open-log.js";
import { configChanged } from "../../shared/topology.js";
import { jwksSettings } from "./config.js";
import { jwksEvents } from "./events.js";
import { fetchDocument } from "./fetch-document.js";
import { authoritiesWithDocument, refreshAll } from "./refresh.js";
import { writeKeys } from "./write-keys.js";

/** So many discovered keys are remembered for each key that a document may list; the record stays below 1 MB. */
const keptPerListed = 10;

await runProcess(
  "jwks",
  jwksSettings,
  process.env,
  async ({ settings, log, metrics, readiness, own, crash }) => {
    readiness.set("refresh", false);
    own(await startOperationsServer({ ...settings, readiness, metrics }));
    const { connection, framing } = await openLog("jwks", settings, log);
    const deployment = own(new DeploymentFollower(connection, framing));
    await deployment.start();
    const changes = own(new StreamWriter(connection, configChanged, framing));
    const stopping = new AbortController();
    const events = jwksEvents(log, metrics);

    const lookAtAll = async (): Promise<void> => {
      const run = new AbortController();
      const stop = (): void => run.abort();
      const timer = setTimeout(stop, settings.runSecondsMax * 1000);
      stopping.signal.addEventListener("abort", stop);
      try {
        const outcomes = await refreshAll({
          ...settings,
          keysKeptMax: settings.keysMax * keptPerListed,
          deployment: () => deployment.current,
          nowSeconds: () => Date.now() / 1000,
          random: Math.random,
          fetchDocument: (uri) => fetchDocument(uri, settings, run.signal),
          write: (id, changed) => writeKeys(deployment, changes, id, changed),
          events,
        });
        // Health authorities whose documents can't be used are their own trouble; a log that can't be written is ours.
        readiness.set("refresh", !outcomes.includes("not_written"));
      } finally {
        clearTimeout(timer);
        stopping.signal.removeEventListener("abort", stop);
      }
    };
    const task = new IntervalTask(settings.periodSeconds * 1000, lookAtAll, crash);
    own({
      stop: () => {
        stopping.abort();
        return task.stop();
      },
    });
    // An operator who names a document need not wait for the next look.
    const addresses = (): string => JSON.stringify(authoritiesWithDocument(deployment.current));
    let seen = addresses();
    deployment.onChange(() => {
      if (addresses() === seen) return;
      seen = addresses();
      task.hasten();
    });
    task.start();
    readiness.set("refresh", true);
  },
);
